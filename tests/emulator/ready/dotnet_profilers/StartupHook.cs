using System;
using System.IO;
using System.Reflection;

/// As the vendor's hook does: finds the assemblies that lie beside it.
internal class StartupHook
{
    public static void Initialize()
    {
        var count = (int)(AppDomain.CurrentDomain.GetData("vendor.hook") ?? 0);
        AppDomain.CurrentDomain.SetData("vendor.hook", count + 1);
        AppDomain.CurrentDomain.AssemblyResolve += (sender, asked) =>
        {
            var file = Path.Combine("/opt/net", new AssemblyName(asked.Name).Name + ".dll");
            return File.Exists(file) ? Assembly.LoadFrom(file) : null;
        };
    }
}
