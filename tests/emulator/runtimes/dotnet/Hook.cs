using System;

/// What DOTNET_STARTUP_HOOKS asks for: a class of this name outside any namespace.
internal class StartupHook
{
    public static void Initialize()
    {
        AppDomain.CurrentDomain.SetData("forerun.hook", "hook ran");
    }
}
