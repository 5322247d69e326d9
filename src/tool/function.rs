//! A function as `aws lambda get-function-configuration` prints it
//! (<https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html>).

use serde_json::{Map, Value};

use super::Report;
use crate::problem::printable;
use crate::runtime::Arch;

/// The command whose output is read.
const COMMAND: &str = "`aws lambda get-function-configuration --function-name NAME`";

/// What a function's configuration says, as far as it matters for a start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    /// None: a container image.
    pub(super) runtime: Option<String>,
    pub(super) handler: Option<String>,
    pub(super) arch: Option<Arch>,
    pub(super) memory: Option<u64>,
    pub(super) timeout: Option<u64>,
    /// The function's own variables, by their names.
    pub(super) variables: Vec<(String, String)>,
    /// Lambda could not read them.
    pub(super) variables_unreadable: bool,
    /// The part of the start that follows from the rest of the configuration.
    pub(super) platform: Vec<(&'static str, String)>,
    pub(super) snap_start: SnapStart,
    pub(super) layers: Vec<String>,
    /// A container image, and what the configuration puts in place of its entry point and command.
    pub(super) image: Option<Image>,
}

/// What becomes of a function's initialization.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SnapStart {
    #[default]
    Off,
    /// This version starts from a snapshot.
    On,
    /// Versions that are published do; this is the unpublished one.
    WhenPublished,
}

/// A container image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Image {
    pub(super) entry_point: Vec<String>,
    pub(super) command: Vec<String>,
}

impl Function {
    /// Reads the JSON; `file` is its name in messages, which never tell what is in it.
    pub(super) fn parse(file: &str, json: &[u8]) -> Result<Function, Report> {
        let json: Value = serde_json::from_slice(json).map_err(|error| {
            let (what, at) = match (error.is_eof(), error.line(), error.column()) {
                (true, 0 | 1, 0) => ("there is nothing in it".to_owned(), String::new()),
                (true, ..) => ("the JSON ends too early".to_owned(), String::new()),
                (false, line, column) => ("this is not JSON".to_owned(), format!(":{line}:{column}")),
            };
            let help = format!("--function takes what {COMMAND} prints; for YAML or a table add `--output json`");
            Report::usage(format!("{file}{at}: {what}"), help)
        })?;
        let Value::Object(fields) = &json else { return Err(another(file, &json)) };
        // `get-function` tells of the code as well.
        let fields = match fields.get("Configuration") {
            Some(Value::Object(configuration)) => configuration,
            _ => fields,
        };
        if !["FunctionName", "Runtime", "Handler", "PackageType"].iter().any(|key| fields.contains_key(*key)) {
            return Err(another(file, &json));
        }
        configuration(&Part { path: String::new(), fields }).map_err(|wrong| {
            Report::usage(format!("{file}: {wrong}"), format!("--function takes what {COMMAND} prints"))
        })
    }

    /// Nothing says what the start is: the function is a container image.
    pub(super) fn lacks_argv(&self, file: &str) -> Report {
        Report::usage(
            format!("{file}: what a container image starts is not in its configuration"),
            "give the command line of the runtime: `-- /usr/bin/python3 -m awslambdaric app.handler`; for an image \
             that is made from one of AWS's base images, name the runtime: `--runtime python3.12`",
        )
    }
}

/// The JSON is something else.
fn another(file: &str, json: &Value) -> Report {
    let is_list = json.is_array() || json.get("Functions").is_some_and(Value::is_array);
    if is_list {
        return Report::usage(
            format!("{file}: this is a list, and one function is explained at a time"),
            format!(
                "jq '.Functions[] | select(.FunctionName == \"NAME\")' takes one out of what \
                 `aws lambda list-functions` prints; or use {COMMAND}"
            ),
        );
    }
    Report::usage(
        format!("{file}: this is not the configuration of a function"),
        format!("--function takes what {COMMAND} prints"),
    )
}

fn configuration(json: &Part<'_>) -> Result<Function, String> {
    let mut function = Function {
        name: json.text("FunctionName")?,
        version: json.text("Version")?,
        runtime: json.text("Runtime")?,
        handler: json.text("Handler")?,
        memory: json.number("MemorySize")?,
        timeout: json.number("Timeout")?,
        ..Function::default()
    };
    if let Some(architecture) = json.texts("Architectures")?.first() {
        let arch = Arch::named(architecture);
        function.arch = Some(arch.ok_or("`Architectures` is neither x86_64 nor arm64")?);
    }
    if let Some(environment) = json.part("Environment")? {
        function.variables_unreadable = environment.get("Error").is_some();
        if let Some(variables) = environment.part("Variables")? {
            for name in variables.fields.keys() {
                let value = variables.text(name)?.unwrap_or_default();
                if name.is_empty() || name.contains(['=', '\0']) {
                    return Err(format!("`{}` cannot be a variable", variables.named(name)));
                }
                function.variables.push((name.clone(), value));
            }
        }
    }
    for layer in json.list("Layers")? {
        let arn = layer.as_object().and_then(|layer| layer.get("Arn")).and_then(Value::as_str);
        function.layers.push(arn.ok_or("`Layers` is not a list of objects with an `Arn`")?.to_owned());
    }
    if let Some(snap_start) = json.part("SnapStart")? {
        function.snap_start = match (snap_start.text("OptimizationStatus")?, snap_start.text("ApplyOn")?) {
            (Some(status), _) if status == "On" => SnapStart::On,
            (_, Some(apply)) if apply == "PublishedVersions" => SnapStart::WhenPublished,
            _ => SnapStart::Off,
        };
    }
    if json.text("PackageType")?.is_some_and(|kind| kind == "Image") {
        let response = json.part("ImageConfigResponse")?;
        let inner = response.map_or(Ok(None), |response| response.part("ImageConfig"))?;
        let config = inner.map_or_else(|| json.part("ImageConfig"), |inner| Ok(Some(inner)))?;
        function.image = Some(match config {
            Some(config) => Image { entry_point: config.texts("EntryPoint")?, command: config.texts("Command")? },
            None => Image::default(),
        });
    }
    function.platform = platform(json, &function)?;
    Ok(function)
}

/// The variables that Lambda derives from the configuration.
fn platform(json: &Part<'_>, function: &Function) -> Result<Vec<(&'static str, String)>, String> {
    let mut variables = Vec::new();
    let mut add = |name, value: Option<String>| variables.extend(value.map(|value| (name, value)));
    add("AWS_LAMBDA_FUNCTION_NAME", function.name.clone());
    add("AWS_LAMBDA_FUNCTION_VERSION", function.version.clone());
    add("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory.map(|size| size.to_string()));
    // arn:aws:lambda:REGION:ACCOUNT:function:NAME
    let arn = json.text("FunctionArn")?;
    let region = arn.and_then(|arn| arn.split(':').nth(3).filter(|region| !region.is_empty()).map(str::to_owned));
    add("AWS_REGION", region.clone());
    add("AWS_DEFAULT_REGION", region);
    let logging = json.part("LoggingConfig")?;
    let log = |key| logging.as_ref().map_or(Ok(None), |logging| logging.text(key));
    let group = || Some(format!("/aws/lambda/{}", function.name.as_ref()?));
    add("AWS_LAMBDA_LOG_GROUP_NAME", log("LogGroup")?.or_else(group));
    add("AWS_LAMBDA_LOG_FORMAT", log("LogFormat")?);
    add("AWS_LAMBDA_LOG_LEVEL", log("ApplicationLogLevel")?);
    add("AWS_LAMBDA_INITIALIZATION_TYPE", (function.snap_start == SnapStart::On).then(|| "snap-start".to_owned()));
    Ok(variables)
}

/// An object in the JSON, and the keys that lead to it.
struct Part<'j> {
    path: String,
    fields: &'j Map<String, Value>,
}

impl<'j> Part<'j> {
    /// A field; `null` is none.
    fn get(&self, key: &str) -> Option<&'j Value> {
        self.fields.get(key).filter(|value| !value.is_null())
    }

    fn named(&self, key: &str) -> String {
        format!("{}{}", self.path, printable(key.as_bytes()))
    }

    fn typed<T>(&self, key: &str, what: &str, convert: impl Fn(&'j Value) -> Option<T>) -> Result<Option<T>, String> {
        let Some(value) = self.get(key) else { return Ok(None) };
        convert(value).map(Some).ok_or_else(|| format!("`{}` is not {what}", self.named(key)))
    }

    fn text(&self, key: &str) -> Result<Option<String>, String> {
        self.typed(key, "a string", string)
    }

    fn number(&self, key: &str) -> Result<Option<u64>, String> {
        self.typed(key, "a number", Value::as_u64)
    }

    fn list(&self, key: &str) -> Result<Vec<Value>, String> {
        Ok(self.typed(key, "a list", |value| value.as_array().cloned())?.unwrap_or_default())
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let texts = |value: &Value| value.as_array().and_then(|list| list.iter().map(string).collect());
        Ok(self.typed(key, "a list of strings", texts)?.unwrap_or_default())
    }

    fn part(&self, key: &str) -> Result<Option<Part<'j>>, String> {
        let path = format!("{}.", self.named(key));
        let fields = self.typed(key, "an object", Value::as_object)?;
        Ok(fields.map(|fields| Part { path, fields }))
    }
}

/// A string that can be an argument or in a variable.
fn string(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.contains('\0')).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ORDERS: &str = include_str!("../../tests/tool/function/orders.json");

    proptest! {
        /// Whatever a file has in it, it is read or refused, and what is said of it gives no value away.
        #[test]
        fn a_damaged_configuration_is_read_or_refused(
            at in 0..ORDERS.len(),
            cut in 0..80usize,
            put in "[\\[\\]{}\",:0n]{0,3}",
        ) {
            let mut text = ORDERS.to_owned();
            text.replace_range(at..(at + cut).min(ORDERS.len()), &put);
            if let Err(refused) = Function::parse("x.json", text.as_bytes()) {
                prop_assert_eq!(refused.status, crate::tool::USAGE);
                prop_assert!(refused.stderr.starts_with("error: x.json") && !refused.stderr.contains("hunter"));
            }
        }
    }
}
