using System;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Reflection;

/// A small client of the Runtime API in the place of Amazon.Lambda.RuntimeSupport: it takes
/// the handler, Assembly::Type::Method, from its last argument only.
static class RuntimeSupport
{
    static readonly HttpClient Http = new HttpClient { Timeout = TimeSpan.FromMilliseconds(-1) };
    static readonly string Api = "http://"
        + Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime";

    static int Main(string[] args)
    {
        Func<string, string> handler;
        try
        {
            handler = Load(args[args.Length - 1]);
        }
        catch (Exception e)
        {
            Post("/init/error", Describe(e));
            return 1;
        }
        while (true)
        {
            var invocation = Http.GetAsync(Api + "/invocation/next").Result;
            var id = invocation.Headers.GetValues("Lambda-Runtime-Aws-Request-Id").First();
            var route = "/invocation/" + id;
            try
            {
                Post(route + "/response", handler(invocation.Content.ReadAsStringAsync().Result));
            }
            catch (Exception e)
            {
                Post(route + "/error", Describe(e));
            }
        }
    }

    static Func<string, string> Load(string handler)
    {
        var parts = handler.Split(new[] { "::" }, StringSplitOptions.None);
        var root = Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT");
        var file = Path.Combine(root, parts[0] + ".dll");
        // What is not the function's own may be found by a start-up hook.
        var assembly = File.Exists(file) ? Assembly.LoadFrom(file) : Assembly.Load(parts[0]);
        var method = assembly.GetType(parts[1], true).GetMethod(parts[2]);
        return (Func<string, string>)method.CreateDelegate(typeof(Func<string, string>));
    }

    static void Post(string route, string body)
    {
        Http.PostAsync(Api + route, new StringContent(body)).Result.EnsureSuccessStatusCode();
    }

    static string Describe(Exception error)
    {
        var text = error.Message.Replace("\\", "\\\\").Replace("\"", "\\\"");
        return "{\"errorType\":\"" + error.GetType().Name + "\",\"errorMessage\":\"" + text + "\"}";
    }
}
