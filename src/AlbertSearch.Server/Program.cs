using AlbertSearch.Server;

await ServerApp.Build(args).RunAsync();
