//! Whether two profiles mean the same: they are planned on the same starts, and what the runtimes get is compared.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CStr, CString};

use forerun::environment::Env;
use forerun::facts::Facts;
use forerun::library::{Found, Library};
use forerun::plan::{Halt, plan};
use forerun::profile::lists::{Kind, List};
use forerun::runtime::Arch;
use forerun::start::Start;

/// How many starts are tried for each runtime.
const STARTS: usize = 60;

/// Variables that Lambda sets, always here: what profiles do without them is theirs.
const PLATFORM: [(&str, &str); 10] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "my-function"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/my-function"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2025/01/01/7/0123456789abcdef"),
    ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
    ("AWS_REGION", "eu-west-1"),
    ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
    ("LAMBDA_TASK_ROOT", "/var/task"),
    ("PATH", "/var/lang/bin:/usr/bin:/bin"),
    ("_HANDLER", "app.handler"),
];

/// A start, and which files there are.
struct Case {
    argv: Vec<String>,
    env: BTreeMap<String, String>,
    files: BTreeSet<String>,
}

/// What the runtime gets: its argv and its variables, lists without regard to what does not matter in them.
type Outcome = Option<(Vec<String>, BTreeMap<String, String>)>;

/// In what two profiles differ on starts of these runtimes: names of variables, `argv` or `start`, with an example.
pub(crate) fn differences(one: &str, other: &str, runtimes: &[String]) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut rng = fastrand::Rng::with_seed(7);
    for runtime in runtimes {
        for _ in 0..STARTS {
            let case = case(&format!("{one}\n{other}"), runtime, &mut rng);
            match (outcome(one, &case), outcome(other, &case)) {
                (None, None) => {}
                (Some(one), Some(other)) => {
                    if one.0 != other.0 {
                        found.insert("argv".to_owned(), format!("{:?}\n{:?}\n{:?}", one.0, other.0, case.env));
                    }
                    let names: BTreeSet<&String> = one.1.keys().chain(other.1.keys()).collect();
                    for name in names {
                        let value = |env: &BTreeMap<String, String>| env.get(name).cloned().unwrap_or_default();
                        let (mine, others, given) = (value(&one.1), value(&other.1), case.env.get(name));
                        if mine != others {
                            found.insert(name.clone(), format!("given {given:?}: {mine:?} and {others:?}"));
                        }
                    }
                }
                (one, _) => {
                    let which = if one.is_some() { "first" } else { "second" };
                    found.insert("start".to_owned(), format!("only the {which} goes on with {:?}", case.env));
                }
            }
        }
    }
    found
}

/// A start in which the words of both profiles play a part.
fn case(text: &str, runtime: &str, rng: &mut fastrand::Rng) -> Case {
    let words = |accepts: fn(char) -> bool| text.split(move |char| !accepts(char)).map(str::to_owned);
    let is_name = |word: &String| word.len() > 3 && word.contains('_') && word.chars().all(|char| !char.is_lowercase());
    let names: BTreeSet<String> = words(|char| char.is_ascii_alphanumeric() || char == '_').filter(is_name).collect();
    let paths = words(|char| char.is_ascii_alphanumeric() || "/._-".contains(char));
    let paths: BTreeSet<String> = paths.filter(|path| path.starts_with('/') && path.len() > 1).collect();
    let mut env: BTreeMap<String, String> =
        PLATFORM.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    env.insert("AWS_EXECUTION_ENV".into(), format!("AWS_Lambda_{runtime}"));
    for name in names.into_iter().filter(|name| !name.starts_with("AWS_") && !name.starts_with("FORERUN")) {
        let value = match rng.u8(..8) {
            0..=3 => continue,
            4 => "true",
            5 => "false",
            _ if name.ends_with("PATH") => "/mine",
            _ => "mine",
        };
        env.entry(name).or_insert_with(|| value.to_owned());
    }
    let files = paths.into_iter().filter(|_| rng.bool()).collect();
    Case { argv: argv(runtime), env, files }
}

fn argv(runtime: &str) -> Vec<String> {
    let line = match runtime {
        name if name.starts_with("python") => "/var/lang/bin/python3 /var/runtime/bootstrap.py",
        name if name.starts_with("nodejs") => "/var/lang/bin/node --expose-gc /var/runtime/index.mjs",
        name if name.starts_with("ruby") => "/var/lang/bin/ruby /var/runtime/index.rb",
        name if name.starts_with("dotnet") => {
            "/var/lang/bin/dotnet exec --depsfile /var/task/F.deps.json /var/runtime/Amazon.Lambda.RuntimeSupport.dll app.handler"
        }
        "java11" | "java8.al2" => {
            "/var/lang/bin/java -Xshare:on -XX:-TieredCompilation -classpath /var/runtime/lib/a.jar lambdainternal.AWSLambda"
        }
        _ => {
            "/var/lang/bin/java -Xshare:on -XX:+TieredCompilation -classpath /var/runtime/lib/a.jar \
             com.amazonaws.services.lambda.runtime.api.client.AWSLambda app.handler"
        }
    };
    line.split_ascii_whitespace().map(str::to_owned).collect()
}

fn outcome(profile: &str, case: &Case) -> Outcome {
    let text = |text: &str| Cow::Owned(CString::new(text).unwrap());
    let start = Start {
        own: text("/opt/wrapper"),
        argv: case.argv.iter().map(|argument| text(argument)).collect(),
        env: Env::new(case.env.iter().map(|(name, value)| text(&format!("{name}={value}")))),
        arch: Arch::X86_64,
        pid: 1,
    };
    let (mut library, mut facts) = (Library::default(), Facts::default());
    let id = library.add(b"/opt/forerun.d/10-it.toml".to_vec(), Ok(profile.as_bytes().to_vec()));
    assert!(library.source(id).profile.is_ok(), "{:?}\n{profile}", library.source(id).profile);
    library.dropins.push(id);
    let plan = loop {
        match plan(&start, &library, &facts) {
            Ok(plan) => break plan,
            Err(Halt::Stop(..)) => return None,
            Err(Halt::Lacks(needs)) => {
                needs.paths.iter().for_each(|path| {
                    facts.set_exists(path, case.files.contains(std::str::from_utf8(path).unwrap()));
                });
                needs.contents.iter().for_each(|path| facts.set_contents(path, None));
                needs.profiles.into_iter().for_each(|profile| library.record(profile, Found::Nowhere(Vec::new())));
            }
        }
    };
    let argv = plan.argv.iter().map(|argument| String::from_utf8(argument.text.clone()).unwrap()).collect();
    let mut env = BTreeMap::new();
    for (name, value) in plan
        .env
        .iter()
        .map(CStr::to_bytes)
        .map(|entry| std::str::from_utf8(entry).unwrap())
        .filter_map(|entry| entry.split_once('='))
    {
        env.insert(name.to_owned(), tidy(name, value));
    }
    Some((argv, env))
}

/// The order of pairs means nothing.
fn tidy(name: &str, value: &str) -> String {
    let list = List::known(name);
    let is_pairs = list.is_some_and(|list| matches!(list.kind, Kind::Pairs { .. }));
    if !is_pairs && name != "LAMBDA_RESOURCE_ATTRIBUTES" {
        return value.to_owned();
    }
    let mut pairs: Vec<&str> = value.split(',').collect();
    pairs.sort_unstable();
    pairs.join(",")
}
