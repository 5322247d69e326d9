using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;

/// The function: answers with what it sees of the process it runs in.
public static class App
{
    public static string Handle(string payload)
    {
        return "{" + Members(payload) + "}";
    }

    internal static string Members(string payload)
    {
        var argv = File.ReadAllText("/proc/self/cmdline").TrimEnd('\0').Split('\0');
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(v => Json((string)v.Key) + ":" + Json((string)v.Value));
        return "\"env\":{" + string.Join(",", variables) + "}"
            + ",\"argv\":[" + string.Join(",", argv.Select(Json)) + "]"
            + ",\"handler\":" + Json(Environment.GetEnvironmentVariable("_HANDLER"))
            + ",\"event\":" + payload
            + ",\"hook\":" + Json((string)AppDomain.CurrentDomain.GetData("forerun.hook"))
            + ",\"option\":" + Json((string)AppContext.GetData("PROBING_DIRECTORIES"));
    }

    /// Enough of JSON for what a test puts into a variable or an argument.
    internal static string Json(string text)
    {
        if (text == null)
        {
            return "null";
        }
        return "\"" + text.Replace("\\", "\\\\").Replace("\"", "\\\"") + "\"";
    }
}

/// The handler that a profile puts in front of the function's own.
public static class Redirected
{
    public static string Handle(string payload)
    {
        var original = App.Json(Environment.GetEnvironmentVariable("ORIG_HANDLER"));
        return "{" + App.Members(payload) + ",\"redirected\":true,\"original\":" + original + "}";
    }
}
