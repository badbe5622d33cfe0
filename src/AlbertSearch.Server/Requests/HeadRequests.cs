namespace AlbertSearch.Server.Requests;

/// <summary>Answers HEAD as RFC 9110 asks for: with the status and the headers of GET. The web server remembers what came and leaves the body out.</summary>
internal static class HeadRequests
{
    /// <summary>Takes HEAD to the routes of GET. Before routing.</summary>
    public static Task AnswerAsGetAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
        }

        return next(context);
    }
}
