//! .NET with a client of ours in the place of Amazon.Lambda.RuntimeSupport.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Hook, Options, Placed, Runtime, managed, owned};
use crate::interpreters::{self, Interpreter};
use crate::namespace::with_packages;
use crate::parts;

const ASSEMBLIES: &[Assembly<'_>] = &[
    ("exe", "RuntimeSupport.cs", include_str!("dotnet/RuntimeSupport.cs"), "Amazon.Lambda.RuntimeSupport.dll"),
    ("library", "Func.cs", include_str!("dotnet/Func.cs"), "Func.dll"),
    ("library", "Hook.cs", include_str!("dotnet/Hook.cs"), "Hook.dll"),
];

/// Its kind, the name and the text of its source, and its own name.
pub(crate) type Assembly<'a> = (&'a str, &'a str, &'a str, &'a str);

/// What the compiler refers to: the framework's own assemblies, as there is no SDK.
const REFERENCES: [&str; 8] = [
    "System.Private.CoreLib",
    "System.Private.Uri",
    "System.Runtime",
    "System.Runtime.Extensions",
    "System.IO.FileSystem",
    "System.Linq",
    "System.Net.Http",
    "System.Net.Primitives",
];

pub(crate) fn dotnet() -> Result<Runtime, String> {
    let interpreter = interpreters::dotnet()?;
    let assemblies = assemblies("dotnet-function", &interpreter, ASSEMBLIES)?;
    let mut variables = managed("AWS_Lambda_dotnet8");
    // Else it wants ICU, which is not among the parts.
    variables.push(("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1".into()));
    Ok(Runtime {
        interpreter,
        argv: owned(&[
            "/var/lang/bin/dotnet",
            "exec",
            "--depsfile",
            "/var/task/Func.deps.json",
            "--runtimeconfig",
            "/var/task/Func.runtimeconfig.json",
            "/var/runtime/Amazon.Lambda.RuntimeSupport.dll",
            "Func::App::Handle",
        ]),
        variables,
        files: vec![
            Placed::copy(
                "runtime/Amazon.Lambda.RuntimeSupport.dll",
                assemblies.join("Amazon.Lambda.RuntimeSupport.dll"),
            ),
            Placed::copy("task/Func.dll", assemblies.join("Func.dll")),
            Placed::text("task/Func.deps.json", include_str!("dotnet/Func.deps.json")),
            Placed::text("task/Func.runtimeconfig.json", include_str!("dotnet/Func.runtimeconfig.json")),
        ],
        handler: "Func::App::Handle",
        handler_variable: true,
        redirected: "Func::Redirected::Handle",
        default: ("MALLOC_ARENA_MAX", "2"),
        hook: Hook {
            edit: r#"DOTNET_STARTUP_HOOKS.append = ["/opt/Hook.dll"]"#,
            files: vec![Placed::copy("layer/Hook.dll", assemblies.join("Hook.dll"))],
        },
        options: Options {
            // Behind `exec`, which has to stay first.
            arguments: &["--additionalprobingpath", "/tmp"],
            at: 2,
            // The host ends every directory of its list with a separator.
            effect: json!("/tmp:"),
        },
    })
}

/// The directory of `assemblies`, compiled for this .NET.
pub(crate) fn assemblies(part: &str, dotnet: &Interpreter, assemblies: &[Assembly<'_>]) -> Result<PathBuf, String> {
    let compiler = parts::debian("mono-mcs")?;
    let framework = dotnet.prefix.join("bin/shared/Microsoft.NETCore.App/3.1.23");
    let sources: Vec<(&str, &str)> = assemblies.iter().map(|(_, source, text, _)| (*source, *text)).collect();
    parts::build(part, &sources, |dir| {
        assemblies.iter().try_for_each(|(target, source, _, assembly)| {
            compile(dir, &compiler, &framework, [target, source, assembly])
        })
    })
}

fn compile(dir: &Path, compiler: &Path, framework: &Path, [target, source, assembly]: [&str; 3]) -> Result<(), String> {
    let mut mcs = with_packages(compiler, "mcs");
    mcs.current_dir(dir)
        .env("MONO_CFG_DIR", compiler.join("etc"))
        .args(["-nostdlib", "-noconfig", "-sdk:4.5"])
        .args([format!("-target:{target}"), format!("-out:{assembly}")])
        .arg(format!("-lib:{}", framework.display()))
        .args(REFERENCES.map(|assembly| format!("-r:{assembly}.dll")))
        .arg(source);
    parts::run(&mut mcs).map(drop)
}
