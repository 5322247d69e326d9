//! Variables that a profile should not set, or not like this.

use super::{Field, Finding, Lint, Subject};
use crate::problem::printable;
use crate::profile::lists::{Kind, List};
use crate::profile::template::Template;
use crate::profile::{Edit, Operation, Value};

/// What Lambda reserves for itself, without the credentials: the table of
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>. `_HANDLER` has a lint of its own, and a
/// proxy takes the place of `AWS_LAMBDA_RUNTIME_API`.
const RESERVED: [&str; 14] = [
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_EXEC_WRAPPER",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_REGION",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_X_AMZN_TRACE_ID",
];

/// The function's credentials.
const CREDENTIALS: [&str; 5] =
    ["AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECURITY_TOKEN", "AWS_SESSION_TOKEN"];

/// Names that no runtime reads, and the ones that are meant.
const MISNAMED: [(&str, &str); 16] = [
    ("JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"),
    ("JAVA_OPTS", "JAVA_TOOL_OPTIONS"),
    ("JAVA_TOOLS_OPTIONS", "JAVA_TOOL_OPTIONS"),
    ("JAVA_TOOL_OPTION", "JAVA_TOOL_OPTIONS"),
    ("JAVA_TOOL_OPTS", "JAVA_TOOL_OPTIONS"),
    ("JVM_OPTIONS", "JAVA_TOOL_OPTIONS"),
    ("JVM_OPTS", "JAVA_TOOL_OPTIONS"),
    ("NODE_OPTION", "NODE_OPTIONS"),
    ("NODE_OPTS", "NODE_OPTIONS"),
    ("NODEOPTIONS", "NODE_OPTIONS"),
    ("PYTHON_PATH", "PYTHONPATH"),
    ("PYTHON_PATHS", "PYTHONPATH"),
    ("RUBY_LIB", "RUBYLIB"),
    ("RUBY_OPT", "RUBYOPT"),
    ("RUBY_OPTS", "RUBYOPT"),
    ("RUBYOPTS", "RUBYOPT"),
];

/// What names forerun's settings.
const FORERUN: [&str; 5] = ["FORERUN_BYPASS", "FORERUN_LOG", "FORERUN_ON_ERROR", "FORERUN_PROFILE", "FORERUN_SKIP"];

pub(super) fn look(subject: &Subject<'_>, _: &Field) -> Vec<Finding> {
    let chained = subject.profile.rules.iter().any(|rule| rule.args.through.is_some());
    let mut findings = Vec::new();
    for edit in subject.profile.rules.iter().flat_map(|rule| &rule.env) {
        let name = printable(&edit.name);
        findings.extend(reserved(subject, edit, &name, chained));
        findings.extend(credential(subject, edit, &name, true));
        findings.extend(misnamed(subject, edit, &name));
        findings.extend(overwritten(subject, edit, &name));
        if FORERUN.contains(&&name[..]) {
            let message =
                format!("`{name}` has no effect here; forerun reads it from the environment that Lambda gave");
            let help = "set it in the function's configuration, or leave it out";
            findings.push(subject.finding(Lint::ForerunVariable, edit.span, message).help(help));
        }
    }
    for edit in subject.profile.sidecars.iter().flat_map(|sidecar| &sidecar.env) {
        findings.extend(credential(subject, edit, &printable(&edit.name), false));
    }
    findings
}

fn reserved(subject: &Subject<'_>, edit: &Edit, name: &str, chained: bool) -> Option<Finding> {
    // That one without effect is told elsewhere.
    let default = matches!(edit.operation, Operation::Default(_));
    let proxy_gone = name == "AWS_LAMBDA_RUNTIME_API" && edit.operation == Operation::Unset;
    let wrapper = name == "AWS_LAMBDA_EXEC_WRAPPER";
    if wrapper && (chained || edit.operation == Operation::Unset)
        || default
        || !(proxy_gone || RESERVED.contains(&name))
    {
        return None;
    }
    let finding = |message: String| subject.finding(Lint::ReservedVariable, edit.span, message);
    Some(if wrapper {
        finding(format!("`{name}` is set too late; Lambda has read it, and forerun is what it names"))
            .help("to run the runtime through another wrapper, name that in `args.through`")
    } else {
        finding(format!(
            "`{name}` is Lambda's own; runtime, SDK and agents take it for what Lambda says of the function"
        ))
        .help("use a variable of your own")
    })
}

/// `literal`: a value that is written out, or any.
fn credential(subject: &Subject<'_>, edit: &Edit, name: &str, any: bool) -> Option<Finding> {
    let (Operation::Set(Value::Text(text)) | Operation::Default(Value::Text(text))) = &edit.operation else {
        return None;
    };
    if !CREDENTIALS.contains(&name) || !(any || text.literal().is_some()) {
        return None;
    }
    let message = format!("`{name}` is a credential; whoever may read the layer could read it, and it never changes");
    let help = "give the function's role the permissions: Lambda sets the variables, and renews them";
    Some(subject.finding(Lint::CredentialVariable, edit.span, message).help(help))
}

fn misnamed(subject: &Subject<'_>, edit: &Edit, name: &str) -> Option<Finding> {
    let (_, meant) = MISNAMED.iter().find(|(misnamed, _)| *misnamed == name)?;
    // A start script of the function's own may read it, and then something in the profile would pass it on.
    let read = |template: &Template| super::edits::reads(template).any(|(read, _)| read == edit.name);
    let rules = &subject.profile.rules;
    let used = rules.iter().any(|rule| {
        rule.env.iter().flat_map(super::edits::templates).any(read)
            || rule.args.options.iter().chain(&rule.args.append).any(|option| read(&option.value))
            || rule.args.command.iter().flat_map(|command| &command.value).any(read)
    });
    let message = format!("no runtime reads `{name}`; the variable is `{meant}`");
    (!used).then(|| subject.finding(Lint::VariableNobodyReads, edit.span, message).help(format!("write `{meant}`")))
}

fn overwritten(subject: &Subject<'_>, edit: &Edit, name: &str) -> Option<Finding> {
    let Operation::Set(Value::Text(text)) = &edit.operation else { return None };
    let kind = List::known(name)?.kind;
    let holds_others = matches!(kind, Kind::Options(_) | Kind::Elements { absolute: true }) || name == "LD_PRELOAD";
    let keeps = super::edits::reads(text).any(|(read, _)| read == edit.name);
    if !holds_others || keeps || text.literal() == Some(b"") {
        return None;
    }
    let message = format!(
        "`{name}` is a list, and this replaces all of it; what the user, Lambda and other layers put there is lost"
    );
    let help = format!("add to it: `{name}.append = [\"…\"]`, or `{name}.default` if others are to win");
    Some(subject.finding(Lint::ListOverwritten, edit.span, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_that_is_read_is_called_misnamed() {
        for (name, meant) in MISNAMED {
            assert!(List::known(name).is_none() && List::known(meant).is_some(), "{name}");
        }
        assert!(RESERVED.is_sorted() && CREDENTIALS.is_sorted() && FORERUN.is_sorted());
    }
}
