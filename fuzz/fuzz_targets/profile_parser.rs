//! Any text as a profile: the parser must refuse or take it, and what it takes is planned against a fixed start.
#![no_main]

use std::borrow::Cow;
use std::ffi::CStr;

use forerun::environment::Env;
use forerun::facts::Facts;
use forerun::library::{Found, Library, Reference};
use forerun::plan::{Halt, plan};
use forerun::problem::Code;
use forerun::profile::parse;
use forerun::runtime::Arch;
use forerun::start::Start;
use libfuzzer_sys::fuzz_target;

const ARGV: [&CStr; 6] = [
    c"/var/lang/bin/java",
    c"-Xshare:on",
    c"-classpath",
    c"/a.jar:/b.jar",
    c"com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
    c"example.Handler::handle",
];
const ENV: [&CStr; 12] = [
    c"PATH=/usr/bin::/bin:",
    c"A=a",
    c"B=b c",
    c"A=again",
    c"odd",
    c"EMPTY=",
    c"_HANDLER=example.Handler::handle",
    c"NODE_OPTIONS=--x \"a b\" ",
    c"JAVA_TOOL_OPTIONS=-javaagent:/x.jar=a '-Da=b c'",
    c"OTEL_RESOURCE_ATTRIBUTES=service.name=x,,b = 2",
    c"BYTES=\xff\xfe*?",
    c"AWS_EXECUTION_ENV=AWS_Lambda_java17",
];
const PLACE: &[u8] = b"/opt/forerun.d/10-x.toml";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let parsed = parse(text, 0);
    if let Err(problems) = &parsed.profile {
        assert!(!problems.is_empty());
    }
    let start = Start {
        own: Cow::Borrowed(c"/opt/wrapper"),
        argv: ARGV.map(Cow::Borrowed).to_vec(),
        env: Env::new(ENV.map(Cow::Borrowed)),
        arch: Arch::X86_64,
        pid: 4711,
    };
    let (mut library, mut facts) = (Library::default(), Facts::default());
    let id = library.add(PLACE.to_vec(), Ok(data.to_vec()));
    library.dropins.push(id);
    if parsed.profile.is_err() {
        // One line of a message, and its place in the text.
        let Err(problems) = &library.source(id).profile else { panic!("it parses only once") };
        problems.iter().for_each(|problem| assert!(!library.line(problem).contains('\n'), "{problem:?}"));
    }
    let outcome = loop {
        match plan(&start, &library, &facts) {
            Err(Halt::Lacks(needs)) => {
                assert!(!needs.is_empty());
                // Some paths exist and some do not; the profile itself and the built-in ones can be included.
                needs.paths.iter().for_each(|path| facts.set_exists(path, path.len() % 2 == 0));
                needs.contents.iter().for_each(|path| facts.set_contents(path, None));
                facts.set_working_dir(None);
                for reference in needs.profiles {
                    let found = find(&reference, &mut library);
                    library.record(reference, found);
                }
            }
            outcome => break outcome,
        }
    };
    match outcome {
        Ok(plan) => {
            assert_eq!(plan.argv_strings().len(), plan.argv.iter().count());
            // No rule names this one but by its name.
            if !text.contains("BYTES") && !text.contains('\\') {
                assert!(plan.env.iter().any(|entry| entry == c"BYTES=\xff\xfe*?"));
            }
        }
        Err(Halt::Stop(problem, _)) => {
            assert!(problem.code == Code::ProfileFails || !library.line(&problem).contains('\n'), "{problem:?}");
        }
        Err(Halt::Lacks(_)) => unreachable!(),
    }
});

fn find(reference: &Reference, library: &mut Library) -> Found {
    let (place, text) = match reference {
        Reference::Path(path) => (path.clone(), None),
        Reference::Name(name) | Reference::Builtin(name) => {
            ([b"builtin:", &name[..]].concat(), forerun::builtin::text(name))
        }
    };
    match (library.at(&place), text) {
        (Some(id), _) => Found::Profile(id),
        (None, Some(text)) => Found::Profile(library.add(place, Ok(text.into()))),
        (None, None) => Found::Nowhere(vec![place]),
    }
}
