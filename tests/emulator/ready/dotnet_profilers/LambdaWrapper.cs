using System;
using System.IO;
using System.Reflection;

namespace AWS.Distro.OpenTelemetry.AutoInstrumentation
{
    /// A handler in front of the function's own, which the vendor's variable names.
    public static class LambdaWrapper
    {
        public static string TracingFunctionHandler(string payload)
        {
            var original = Environment.GetEnvironmentVariable("OTEL_INSTRUMENTATION_AWS_LAMBDA_HANDLER");
            var parts = original.Split(new[] { "::" }, StringSplitOptions.None);
            var root = Environment.GetEnvironmentVariable("LAMBDA_TASK_ROOT");
            var assembly = Assembly.LoadFrom(Path.Combine(root, parts[0] + ".dll"));
            var handler = assembly.GetType(parts[1], true).GetMethod(parts[2]);
            var answer = (string)handler.Invoke(null, new object[] { payload });
            var hooks = AppDomain.CurrentDomain.GetData("vendor.hook");
            return answer.Substring(0, answer.Length - 1) + ",\"wrapped\":true,\"vendorHooks\":" + hooks + "}";
        }
    }
}
