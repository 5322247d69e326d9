//! Which runtime is this? `AWS_EXECUTION_ENV`, then argv, then the files of the image: none of them is always right.
//!
//! `AWS_EXECUTION_ENV` is unset or `AWS_Lambda_Image` in images (aws/aws-lambda-base-images#15), and a container may
//! carry one from its base image while it starts something else; so an argv that names another interpreter wins.

use crate::runtime::{Family, Runtime, Version};
use crate::start::{Start, base_name};

/// What gave the runtime away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// `AWS_EXECUTION_ENV`
    ExecutionEnv,
    /// argv
    Argv,
    /// A file of the image.
    Files,
    /// Nothing did.
    Nothing,
}

/// The interpreters of Lambda's images: asked for only when environment and argv tell nothing.
pub const INTERPRETERS: [(&[u8], Family); 5] = [
    (b"/var/lang/bin/dotnet", Family::Dotnet),
    (b"/var/lang/bin/java", Family::Java),
    (b"/var/lang/bin/node", Family::Nodejs),
    (b"/var/lang/bin/python3", Family::Python),
    (b"/var/lang/bin/ruby", Family::Ruby),
];

/// Tells the runtime of a start. `exists` answers for the paths of [`INTERPRETERS`].
pub fn detect(start: &Start<'_>, mut exists: impl FnMut(&[u8]) -> bool) -> (Runtime, Evidence) {
    let by_argv = from_argv(start);
    // A program called `bootstrap` may be anything: a native .NET function, for one.
    let interpreter = by_argv.family.filter(|&family| family != Family::Provided);
    if let Some(by_env) = from_execution_env(start)
        && interpreter.is_none_or(|family| Some(family) == by_env.family)
    {
        let version = by_env.version.or(by_argv.version);
        return (Runtime { version, ..by_env }, Evidence::ExecutionEnv);
    }
    if by_argv.family.is_some() {
        return (by_argv, Evidence::Argv);
    }
    // Every file is asked for at once: the plan is made again only once for their answers.
    let there = INTERPRETERS.map(|(path, family)| exists(path).then_some(family));
    match there.into_iter().flatten().next() {
        Some(family) => (Runtime { family: Some(family), version: None }, Evidence::Files),
        None => (Runtime::default(), Evidence::Nothing),
    }
}

fn from_execution_env(start: &Start<'_>) -> Option<Runtime> {
    let value = start.env.filled(b"AWS_EXECUTION_ENV")?;
    Runtime::parse(value.strip_prefix(b"AWS_Lambda_")?)
}

fn from_argv(start: &Start<'_>) -> Runtime {
    let argument = |position: usize| start.argv.get(position).map_or(&b""[..], |argument| argument.to_bytes());
    let program = base_name(argument(0));
    let known: [(&[u8], Family); 8] = [
        (b"python", Family::Python),
        (b"node", Family::Nodejs),
        (b"npx", Family::Nodejs),
        (b"java", Family::Java),
        (b"ruby", Family::Ruby),
        (b"aws_lambda_ric", Family::Ruby),
        (b"dotnet", Family::Dotnet),
        (b"bootstrap", Family::Provided),
    ];
    for (name, family) in known {
        if let Some(version) = program.strip_prefix(name)
            && version.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
        {
            return Runtime { family: Some(family), version: Version::parse(version) };
        }
    }
    let family = start.argv.iter().find_map(|argument| {
        let argument = argument.to_bytes();
        if argument == b"awslambdaric" || argument.ends_with(b"/runtime/bootstrap.py") {
            Some(Family::Python)
        } else if argument.ends_with(b".AWSLambda") {
            Some(Family::Java)
        } else if argument.ends_with(b"RuntimeSupport.dll") {
            Some(Family::Dotnet)
        } else if argument.ends_with(b"/runtime/index.mjs") || argument.ends_with(b"/runtime/index.js") {
            Some(Family::Nodejs)
        } else if argument.ends_with(b"/runtime/index.rb") || argument.ends_with(b"/runtime/lib/runtime.rb") {
            Some(Family::Ruby)
        } else {
            None
        }
    });
    Runtime { family, version: None }
}

/// The position of the handler in an argv that carries one: behind the main class of java17 and later, behind
/// `RuntimeSupport.dll`, behind `awslambdaric`, `aws-lambda-ric` and `aws_lambda_ric`. Elsewhere it is in `_HANDLER`.
pub fn handler_position(start: &Start<'_>) -> Option<usize> {
    let before = start.argv.iter().position(|argument| {
        let argument = argument.to_bytes();
        argument == b"awslambdaric"
            || argument == b"com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
            || argument.ends_with(b"RuntimeSupport.dll")
            || base_name(argument) == b"aws-lambda-ric"
            || argument.ends_with(b"/aws-lambda-ric/index.mjs")
            || argument.ends_with(b"/aws-lambda-ric/bin/index.mjs")
            || base_name(argument) == b"aws_lambda_ric"
    })?;
    (before + 1 < start.argv.len()).then_some(before + 1)
}

/// Whether this is the managed Python runtime's own bootstrap, which builds `sys.path`.
pub fn is_managed_python(start: &Start<'_>) -> bool {
    start.argv.iter().any(|argument| argument.to_bytes().ends_with(b"/runtime/bootstrap.py"))
}
