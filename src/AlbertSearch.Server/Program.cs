using AlbertSearch.Server;

return await ServerApp.RunAsync(args);
