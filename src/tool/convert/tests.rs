//! Scripts that are functions: what is inferred from them, without starting anything.

use std::collections::BTreeMap;

use super::experiments::Space;
use super::session::{self, Converted, Task};
use super::sources::Sources;
use crate::tool::starts::mentions::mentions;
use crate::tool::starts::space::Surroundings;
use crate::tool::trial::outcome::{Ending, Outcome, Started};
use crate::tool::trial::start::{FileState, TrialStart};

/// What a script works on.
struct World<'s> {
    env: BTreeMap<String, String>,
    argv: Vec<String>,
    start: &'s TrialStart,
    said: String,
    fails: bool,
}

impl World<'_> {
    fn get(&self, name: &str) -> String {
        self.env.get(name).cloned().unwrap_or_default()
    }

    fn set(&mut self, name: &str, value: impl Into<String>) {
        self.env.insert(name.into(), value.into());
    }

    fn exists(&self, path: &str) -> bool {
        self.start.files.get(path.as_bytes()).is_some_and(|state| *state != FileState::Absent)
    }
}

/// Converts a script. `text` stands for what it mentions.
fn convert(text: &str, runtimes: &[&'static str], script: impl Fn(&mut World<'_>)) -> Converted {
    let own = b"/opt/script".to_vec();
    let mentions = mentions(&own, &[text.as_bytes()]);
    let around = Surroundings { own, ..Surroundings::default() };
    let space = Space::new(&mentions, runtimes.to_vec(), &around);
    let task = Task {
        description: "A test".into(),
        words: mentions.words.values().flatten().cloned().collect(),
        sources: Sources(vec![text.into()]),
        seed: 1,
    };
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let try_one = |start: &TrialStart| {
        let env = start.env.iter().map(|(name, value)| (text(name), text(value))).collect();
        let argv = start.argv.iter().map(|argument| text(argument)).collect();
        let mut world = World { env, argv, start, said: String::new(), fails: false };
        script(&mut world);
        let started = Started {
            same_process: true,
            argv: world.argv.into_iter().map(String::into_bytes).collect(),
            env: world.env.into_iter().map(|(name, value)| format!("{name}={value}").into_bytes()).collect(),
            directory: b"/var/task".to_vec(),
            descriptors: vec![0, 1, 2],
            blocked: 0,
            ignored: 0,
            umask: 0o022,
            heard_sigterm: false,
        };
        Outcome {
            started: if world.fails { Vec::new() } else { vec![started] },
            ending: Ending::Exited(world.fails.into()),
            stdout: world.said.into_bytes(),
            stderr: Vec::new(),
            other_processes: 0,
        }
    };
    session::convert(task, space, &mut |starts| Ok(starts.iter().map(try_one).collect())).unwrap()
}

fn profile(converted: &Converted) -> &str {
    assert_eq!(converted.unexplained, [""; 0], "{}", converted.profile);
    assert_eq!(converted.differing, [""; 0], "{}", converted.profile);
    converted.profile.strip_prefix("description = \"A test\"\n").unwrap()
}

#[test]
fn a_port_with_a_default_becomes_a_template() {
    let text = "export AWS_LAMBDA_RUNTIME_API=\"127.0.0.1:${PROXY_PORT:-9009}\"";
    let converted = convert(text, &["python3.12"], |world| {
        let port = world.get("PROXY_PORT");
        let port = if port.is_empty() { "9009".to_owned() } else { port };
        world.set("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{port}"));
    });
    assert_eq!(profile(&converted), "\n[env]\nAWS_LAMBDA_RUNTIME_API = \"127.0.0.1:${PROXY_PORT:-9009}\"\n");
}

#[test]
fn what_is_copied_before_it_is_overwritten_stands_in_one_rule() {
    let text = "export OLD_API=\"$AWS_LAMBDA_RUNTIME_API\" AWS_LAMBDA_RUNTIME_API=127.0.0.1:9000";
    let converted = convert(text, &["python3.12"], |world| {
        world.set("OLD_API", world.get("AWS_LAMBDA_RUNTIME_API"));
        world.set("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9000");
    });
    let expected = "\n[env]\nOLD_API = \"${AWS_LAMBDA_RUNTIME_API}\"\nAWS_LAMBDA_RUNTIME_API = \"127.0.0.1:9000\"\n";
    assert_eq!(profile(&converted), expected);
}

#[test]
fn lists_are_added_to_with_what_belongs_together() {
    let text =
        "NODE_OPTIONS=\"$NODE_OPTIONS --import /opt/a.mjs\" PYTHONPATH=/opt/python:$PYTHONPATH FLAGS=$FLAGS,fast";
    let converted = convert(text, &["nodejs22.x"], |world| {
        world.set("NODE_OPTIONS", format!("{} --import /opt/a.mjs", world.get("NODE_OPTIONS")));
        world.set("PYTHONPATH", format!("/opt/python:{}", world.get("PYTHONPATH")));
        world.set("FLAGS", format!("{},fast", world.get("FLAGS")));
    });
    let expected = "\n[env]\nNODE_OPTIONS.append = [\"--import\", \"/opt/a.mjs\"]\nPYTHONPATH.prepend = [\"/opt/python\"]\n\
                    FLAGS = { append = [\"fast\"], separator = \",\" }\n";
    assert_eq!(profile(&converted), expected);
}

#[test]
fn a_swap_of_the_handler_is_a_redirect() {
    let text = "export ORIG_HANDLER=\"$_HANDLER\"; export _HANDLER=\"agent.handler\"";
    let converted = convert(text, &["python3.12", "java21"], |world| {
        let old = world.get("_HANDLER");
        world.set("ORIG_HANDLER", &old[..]);
        world.set("_HANDLER", "agent.handler");
        world
            .argv
            .iter_mut()
            .filter(|argument| **argument == old)
            .for_each(|argument| *argument = "agent.handler".into());
    });
    assert_eq!(profile(&converted), "handler.redirect = \"agent.handler\"\nhandler.original = \"ORIG_HANDLER\"\n");
}

#[test]
fn conditions_are_the_simplest_that_tell_starts_apart() {
    let text =
        "if [ \"$FAST\" = true ] && [ -f /opt/agent.jar ]; then A=1; fi\n[ -n \"$B\" ] || [ \"$C\" = \"no\" ] && D=x";
    let converted = convert(text, &["java21"], |world| {
        if world.get("FAST") == "true" && world.exists("/opt/agent.jar") {
            world.argv.insert(1, "-javaagent:/opt/agent.jar".into());
            world.said.push_str("an agent\n");
        }
        if !world.get("B").is_empty() || world.get("C") == "no" {
            world.set("D", "x");
        }
    });
    let expected = "\n[[rules]]\nwhen.any = [{ env = { B = { empty = false } } }, { env = { C = \"no\" } }]\nenv.D = \"x\"\n\
                    \n[[rules]]\nwhen.exists = \"/opt/agent.jar\"\nwhen.env.FAST = true\n\
                    args.options = [\"-javaagent:/opt/agent.jar\"]\nlog = \"an agent\"\n";
    assert_eq!(profile(&converted), expected);
}

#[test]
fn a_script_that_gives_up_is_one_that_fails() {
    let converted = convert("[ -n \"$LICENSE\" ] || exit 1", &["python3.12"], |world| {
        if world.get("LICENSE").is_empty() {
            world.said.push_str("no LICENSE\n");
            world.fails = true;
        }
    });
    assert_eq!(profile(&converted), "when.env.LICENSE = { empty = true }\nfail = \"no LICENSE\"\n");
}

#[test]
fn what_is_not_the_scripts_own_is_not_written_down() {
    let converted = convert("export TOKEN=\"$(fetch)\"", &["python3.12"], |world| world.set("TOKEN", "s3cr3t"));
    assert!(!converted.profile.contains("s3cr3t"), "{}", converted.profile);
    assert_eq!(converted.unexplained.len(), 1, "{:?}", converted.unexplained);
}
