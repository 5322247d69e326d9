//! The profile language, form by form: a start and a profile in, an environment, an argv and messages out.

mod common;

use common::world::{Settled, World};
use forerun::problem::Code;
use forerun::runtime::Arch;

const PYTHON: [&str; 2] = ["/var/lang/bin/python3.12", "/var/runtime/bootstrap.py"];
const JAVA_17: [&str; 6] = [
    "/var/lang/bin/java",
    "-Xshare:on",
    "-classpath",
    "/a.jar:/b.jar",
    "com.amazonaws.services.lambda.runtime.api.client.AWSLambda",
    "example.Handler::handle",
];

/// What a profile makes of an environment.
fn env(before: &[&str], profile: &str) -> Settled {
    World::new(["/srv/program", "x"]).env(before).profile(profile).settle()
}

/// What a profile makes of an argv.
fn argv(before: &[&str], profile: &str) -> Settled {
    World::new(before).env(["A=a", "EMPTY="]).profile(profile).settle()
}

/// The profile is refused, or the start stops.
#[track_caller]
fn assert_code(settled: &Settled, code: Code) {
    assert_eq!(settled.stop, Some(code), "{:#?}", settled.lines);
}

/// (environment before, the profile's `[env]`, environment after); no warnings. All rows are tried before one fails.
#[track_caller]
fn assert_env(table: &[(&[&str], &str, &[&str])]) {
    let mut wrong = Vec::new();
    for (before, edits, after) in table {
        let settled = env(before, &format!("[env]\n{edits}\n"));
        if settled.stop.is_some() || !settled.codes().is_empty() || settled.env != *after {
            wrong.push(format!("{before:?} and {edits} gave {:?}, not {after:?}: {:?}", settled.env, settled.lines));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// (profile, the code that stops it). All rows are tried before one fails.
#[track_caller]
fn assert_refused(table: &[(&str, Code)]) {
    let mut wrong = Vec::new();
    for (profile, code) in table {
        let settled = env(&["A=a"], profile);
        if settled.stop != Some(*code) {
            wrong.push(format!("{profile}: expected {code}, found {:?}: {:?}", settled.stop, settled.lines));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// ---- env

#[test]
fn set_default_and_unset() {
    assert_env(&[
        (&["A=1", "B=2"], "A = \"v\"", &["A=v", "B=2"]),
        (&["A=1", "B=2"], "A.set = \"v\"", &["A=v", "B=2"]),
        (&["A=1"], "C = \"v\"", &["A=1", "C=v"]),
        (&["A=1"], "A = \"\"", &["A="]),
        (&[], "A = \"\"", &["A="]),
        (&[], "A = 3\nB = -1_000\nC = 1.50\nD = true\nE = false", &["A=3", "B=-1000", "C=1.50", "D=true", "E=false"]),
        (&[], "A.default = \"v\"", &["A=v"]),
        (&["A="], "A.default = \"v\"", &["A=v"]),
        (&["A=1"], "A.default = \"v\"", &["A=1"]),
        (&["A= "], "A.default = \"v\"", &["A= "]),
        (&[], "A.default = \"${MISSING}\"", &[]),
        (&["A="], "A.default = \"${MISSING}\"", &["A="]),
        (&["A=1", "B=2", "A=3"], "A.unset = true", &["B=2"]),
        (&["A=1"], "B.unset = true", &["A=1"]),
        (&["A=1", "A=2"], "A = \"1\"", &["A=1"]),
        (&["A=1", "A=2"], "A = \"2\"", &["A=2"]),
    ]);
}

#[test]
fn templates() {
    let before: &[&str] = &["N=v", "E=", "H=a/b.c.handler", "D=x.y/z", "L=$N ${N}"];
    let value = |text: &str| {
        let settled = env(before, &format!("[env]\nOUT = \"{text}\"\n")).clean();
        settled.get("OUT").unwrap().to_owned()
    };
    for (text, expected) in [
        ("${N}", "v"),
        ("<${N}${N}>", "<vv>"),
        ("<${E}${MISSING}>", "<>"),
        ("${N:-d}", "v"),
        ("${E:-d}", "d"),
        ("${MISSING:-d e:-f}", "d e:-f"),
        ("${MISSING:-}", ""),
        ("${MISSING:-a$$b}", "a$b"),
        ("${MISSING:-%.*}", "%.*"),
        ("${H%.*}", "a/b.c"),
        ("${N%.*}", "v"),
        ("<${E%.*}>", "<>"),
        ("$$", "$"),
        ("$${N}", "${N}"),
        ("$$$$x", "$$x"),
        ("${L}", "$N ${N}"),
        ("${forerun.arch}", "x86_64"),
        ("${forerun.profile_dir}", "/opt/forerun.d"),
        ("${forerun.working_dir}", "/function"),
        ("<${forerun.runtime_version}>", "<>"),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
    for text in [
        "$",
        "a$b",
        "${",
        "${}",
        "${A",
        "${A:-${B}}",
        "${A B}",
        "${A%.x}",
        "${A:=b}",
        "${forerun.nosuch}",
        "\\u0000",
        "${0}",
        "${1..}",
    ] {
        assert_code(&env(&[], &format!("[env]\nX = \"{text}\"\n")), Code::Template);
    }
}

#[test]
fn what_forerun_itself_knows() {
    let world = |argv: &[&str], env: &[&str]| {
        let profile = "[env]\nV = \"${forerun.runtime_version}\"\nARCH = \"${forerun.arch}\"\nP.append = [\"/${forerun.runtime_version}\"]\nP.separator = \":\"";
        let mut world = World::new(argv).env(env).profile(profile);
        world.arch = Arch::Arm64;
        world.settle().clean()
    };
    for (execution_env, version) in [
        ("python3.12", "3.12"),
        ("nodejs20.x", "20"),
        ("java17", "17"),
        ("java8.al2", "8"),
        ("dotnet8", "8"),
        ("ruby3.3", "3.3"),
    ] {
        let settled = world(&["/srv/x"], &[&format!("AWS_EXECUTION_ENV=AWS_Lambda_{execution_env}")]);
        assert_eq!((settled.get("V"), settled.get("ARCH")), (Some(version), Some("arm64")));
        assert_eq!(settled.get("P"), Some(&format!("/{version}")[..]));
    }
    let unknown = world(&["/var/lang/bin/node", "/var/runtime/index.mjs"], &[]);
    assert_eq!((unknown.get("V"), unknown.get("P")), (Some(""), None), "missing, and its element is left out");
}

#[test]
fn a_rule_reads_what_it_found_and_the_next_rule_what_it_left() {
    let swapped = env(&["A=1", "B=2"], "[env]\nA = \"${B}\"\nB = \"${A}\"\n").clean();
    assert_eq!(swapped.env, ["A=2", "B=1"]);
    let chained = env(
        &["A=1"],
        "[env]\nA = \"2\"\nC = \"${A}\"\n[[rules]]\nenv.B = \"${A}\"\nenv.A = \"3\"\n[[rules]]\nenv.D = \"${A}\"\n",
    );
    assert_eq!(chained.clean().env, ["A=3", "C=1", "B=2", "D=3"]);
    // Arguments and conditions of a rule as well.
    let settled = argv(
        &["/srv/p", "x"],
        "env.A = \"new\"\nargs.append = [\"${A}\"]\n[[rules]]\nwhen.env.A = \"new\"\nenv.A = \"newer\"\nargs.append = [\"${A}\"]\n",
    );
    assert_eq!(settled.clean().argv, ["/srv/p", "x", "a", "new"]);
}

#[test]
fn if_exists_first_existing_and_lowercase() {
    let settled = |edits: &str| {
        World::new(["/srv/p"])
            .env(["A=Old", "DIR=/opt/lib"])
            .file("/opt/lib/there.so", "")
            .profile(&format!("[env]\n{edits}\n"))
            .settle()
    };
    for (edits, name, expected) in [
        ("A = { set = \"v\", if_exists = \"/opt/lib/there.so\" }", "A", Some("v")),
        ("A = { set = \"v\", if_exists = \"/opt/lib\" }", "A", Some("v")),
        ("A = { set = \"v\", if_exists = \"/opt/lib/gone.so\" }", "A", Some("Old")),
        ("A = { set = \"v\", if_exists = [\"/gone\", \"${DIR}/there.so\"] }", "A", Some("v")),
        ("A = { set = \"v\", if_exists = [\"/gone\", \"${MISSING}/opt/lib\"] }", "A", Some("Old")),
        ("A = { unset = true, if_exists = \"/opt/lib/there.so\" }", "A", None),
        ("B = { default = \"v\", if_exists = \"/gone\" }", "B", None),
        (
            "LD_PRELOAD = { prepend = [\"/opt/lib/there.so\"], if_exists = \"/opt/lib/there.so\" }",
            "LD_PRELOAD",
            Some("/opt/lib/there.so"),
        ),
        ("A.set.first_existing = [\"/gone\", \"${DIR}/there.so\", \"/opt\"]", "A", Some("/opt/lib/there.so")),
        ("B.default.first_existing = [\"/opt/lib\"]", "B", Some("/opt/lib")),
        ("A.default.first_existing = [\"/gone\"]", "A", Some("Old")),
        ("PATH.prepend.first_existing = [\"/gone\", \"/opt/lib\"]", "PATH", Some("/opt/lib")),
        ("NODE_OPTIONS.append.first_existing = [\"/gone\", \"/opt/lib\"]", "NODE_OPTIONS", Some("/opt/lib")),
        ("A.lowercase = true", "A", Some("old")),
        ("B.lowercase = true", "B", None),
        ("A = { set = \"ÄBC\", lowercase = true }", "A", Some("Äbc")),
        ("A = { default = \"NEW\", lowercase = true }", "A", Some("old")),
        ("B = { default = \"NEW\", lowercase = true }", "B", Some("new")),
    ] {
        assert_eq!(settled(edits).clean().get(name), expected, "{edits}");
    }
    for edits in [
        "A.set.first_existing = [\"/gone\"]",
        "B.default.first_existing = [\"/gone\"]",
        "PATH.append.first_existing = [\"/gone\"]",
    ] {
        let none = settled(edits);
        assert_eq!((none.codes(), none.env.len()), (vec!["FR211"], 2), "{edits}");
        assert_eq!(none.get("A"), Some("Old"));
    }
    assert_code(&settled("A = { set = \"v\", if_exists = \"${A}/x\" }"), Code::RelativePath);
    assert_code(&settled("A = { set = \"v\", if_exists = \"lib/x\" }"), Code::BadValue);
    assert_code(&settled("A.set.first_existing = [\"lib/x\"]"), Code::BadValue);
    assert_code(&settled("A = { set = \"v\", if_exists = [] }"), Code::BadValue);
}

#[test]
fn lists_of_paths_and_words() {
    assert_env(&[
        (&[], "PYTHONPATH.prepend = [\"/a\", \"/b\"]", &["PYTHONPATH=/a:/b"]),
        (&["PYTHONPATH="], "PYTHONPATH.append = [\"/a\", \"/b\"]", &["PYTHONPATH=/a:/b"]),
        (&["PYTHONPATH=/x:"], "PYTHONPATH.prepend = [\"/a\"]", &["PYTHONPATH=/a:/x"]),
        (&["PYTHONPATH=:/x::/y:"], "PYTHONPATH.append = [\"/a\"]", &["PYTHONPATH=/x:/y:/a"]),
        (&["PYTHONPATH=/x:/a"], "PYTHONPATH.prepend = [\"/a\"]", &["PYTHONPATH=/a:/x"]),
        (&["PYTHONPATH=/x:/a:/y"], "PYTHONPATH.append = [\"/a\"]", &["PYTHONPATH=/x:/a:/y"]),
        (&["PYTHONPATH=/x:"], "PYTHONPATH.append = [\"${MISSING}\"]", &["PYTHONPATH=/x:"]),
        (&["PYTHONPATH=/x:"], "PYTHONPATH.append = [\"/a/${MISSING}\"]", &["PYTHONPATH=/x:"]),
        (&["X=/a::/b:"], "PATH.prepend = [\"${X}\"]", &["X=/a::/b:", "PATH=/a:/b"]),
        (&["PATH=/a:/b"], "PATH.prepend = \"/b:/c\"", &["PATH=/b:/c:/a"]),
        (&["PATH=/a"], "PATH.append = \":/b::\"", &["PATH=/a:/b"]),
        (&["PATH=/a"], "PATH.append = \"\"", &["PATH=/a"]),
        (&["LD_PRELOAD=/a.so /b.so:/c.so"], "LD_PRELOAD.prepend = [\"/b.so\"]", &["LD_PRELOAD=/b.so:/a.so:/c.so"]),
        (&["NO_PROXY=a,b"], "NO_PROXY.append = [\"169.254.169.254\", \"b\"]", &["NO_PROXY=a,b,169.254.169.254"]),
        (&["F=a"], "F = { append = [\"b\"], separator = \",\" }", &["F=a,b"]),
        (&["F=a::b"], "F = { append = [\"c\"], separator = \"::\" }", &["F=a::b::c"]),
        (&["F=a  b"], "F = { append = [\"c\"], separator = \" \" }", &["F=a  b c"]),
        (
            &["OTEL_PROPAGATORS=xray"],
            "OTEL_PROPAGATORS.prepend = [\"tracecontext\", \"baggage\"]",
            &["OTEL_PROPAGATORS=tracecontext,baggage,xray"],
        ),
        (&["P=1"], "PATH = { append = [\"/a\"], separator = \":\" }", &["P=1", "PATH=/a"]),
        (&["PATH=/a:/a"], "PATH.prepend = [\"/b\"]", &["PATH=/b:/a:/a"]),
    ]);
    assert_refused(&[
        ("[env]\nPATH.prepend = [\"/a:/b\"]", Code::BadValue),
        ("[env]\nPATH.prepend = [\"a\"]", Code::BadValue),
        ("[env]\nPATH.prepend = [\"\"]", Code::BadValue),
        ("[env]\nPATH.prepend = []", Code::BadValue),
        ("[env]\nF.append = [\"a\"]", Code::Separator),
        ("[env]\nPATH = { append = [\"/a\"], separator = \";\" }", Code::Separator),
        ("[env]\nF = { append = [\"a,b\"], separator = \",\" }", Code::BadValue),
        ("[env]\nF = { append = [\"a\"], separator = \"\" }", Code::BadValue),
        ("[env]\nF = { set = \"a\", separator = \",\" }", Code::Conflict),
        ("[env]\nPATH.pairs = { a = \"b\" }", Code::Conflict),
    ]);
}

#[test]
fn an_element_of_a_path_list_that_becomes_relative_is_an_error() {
    for operation in ["prepend", "append"] {
        let settled = env(&["A=a"], &format!("[env]\nPYTHONPATH.{operation} = [\"${{A}}/lib\"]\n"));
        assert_code(&settled, Code::RelativePath);
    }
    let words = env(&["A=a"], "[env]\nLD_PRELOAD.append = [\"lib${A}.so\"]\nNO_PROXY.append = [\"${A}\"]\n").clean();
    assert_eq!((words.get("LD_PRELOAD"), words.get("NO_PROXY")), (Some("liba.so"), Some("a")), "words may be anything");
}

#[test]
fn option_lists_keep_bytes_and_take_a_run_once() {
    assert_env(&[
        (&[], "NODE_OPTIONS.append = [\"--import\", \"/a.mjs\"]", &["NODE_OPTIONS=--import /a.mjs"]),
        (
            &["NODE_OPTIONS=--import /a.mjs"],
            "NODE_OPTIONS.append = [\"--import\", \"/b.mjs\"]",
            &["NODE_OPTIONS=--import /a.mjs --import /b.mjs"],
        ),
        (
            &["NODE_OPTIONS=--x  \"a b\" "],
            "NODE_OPTIONS.prepend = [\"--import\", \"/b c.mjs\"]",
            &["NODE_OPTIONS=--import \"/b c.mjs\" --x  \"a b\" "],
        ),
        (
            &["NODE_OPTIONS=--import \"/b.mjs\" --trace-gc"],
            "NODE_OPTIONS.append = [\"--import\", \"/b.mjs\"]",
            &["NODE_OPTIONS=--import \"/b.mjs\" --trace-gc"],
        ),
        (&["NODE_OPTIONS=--a"], "NODE_OPTIONS.append = \"  --b  --c \"", &["NODE_OPTIONS=--a --b  --c"]),
        (&["NODE_OPTIONS=--a --b --c"], "NODE_OPTIONS.append = \"--b --c\"", &["NODE_OPTIONS=--a --b --c"]),
        (&["NODE_OPTIONS=--a"], "NODE_OPTIONS.append = [\"--import\", \"${MISSING}\"]", &["NODE_OPTIONS=--a"]),
        (
            &["JAVA_TOOL_OPTIONS=-javaagent:/x.jar=a=b -Dy"],
            "JAVA_TOOL_OPTIONS.prepend = [\"-javaagent:/x.jar\"]",
            &["JAVA_TOOL_OPTIONS=-javaagent:/x.jar=a=b -Dy"],
        ),
        (&["RUBYOPT=-w"], "RUBYOPT.append = [\"-r\", \"/x\"]", &["RUBYOPT=-w -r /x"]),
        (&[], "JAVA_TOOL_OPTIONS.append = [\"-Da=b c\", \"-De='\"]", &["JAVA_TOOL_OPTIONS=\"-Da=b c\" \"-De='\""]),
    ]);
    let open = env(&["NODE_OPTIONS=--x \"a"], "[env]\nNODE_OPTIONS.append = [\"--y\"]\n");
    assert_eq!((open.codes(), open.get("NODE_OPTIONS")), (vec!["FR215"], Some("--x \"a --y")));
    let spaced = env(&["S=a b"], "[env]\nRUBYOPT.append = [\"-r${S}\"]\n");
    assert_code(&spaced, Code::ElementUnwritable);
    assert_refused(&[
        ("[env]\nRUBYOPT.append = [\"-r /x\"]", Code::BadValue),
        ("[env]\nNODE_OPTIONS.append = [\"--x\", \"\"]", Code::BadValue),
    ]);
}

#[test]
fn pairs() {
    assert_env(&[
        (&[], "DD_TAGS.pairs = { env = \"prod\", team = \"y\" }", &["DD_TAGS=env:prod,team:y"]),
        (&["DD_TAGS=a:1,team:x"], "DD_TAGS.pairs = { env = \"prod\", team = \"y\" }", &["DD_TAGS=env:prod,a:1,team:y"]),
        (&["DD_TAGS=team:x"], "DD_TAGS.default_pairs = { env = \"prod\", team = \"y\" }", &["DD_TAGS=env:prod,team:x"]),
        (&["DD_TAGS=team:x,"], "DD_TAGS.default_pairs = { team = \"y\" }", &["DD_TAGS=team:x,"]),
        (&[], "DD_TAGS.pairs = { env = \"${MISSING}\", n = 3, b = true }", &["DD_TAGS=n:3,b:true"]),
        (&[], "DD_TAGS.pairs = { env = \"a${MISSING}\" }", &[]),
        (
            &["OTEL_RESOURCE_ATTRIBUTES=my.service.name=x,service.name=1,b=2,service.name=3"],
            "OTEL_RESOURCE_ATTRIBUTES.pairs = { \"service.name\" = \"a,b=c é\" }",
            &["OTEL_RESOURCE_ATTRIBUTES=my.service.name=x,service.name=a%2Cb%3Dc%20%C3%A9,b=2"],
        ),
        (&["R=a=1"], "R = { pairs = { b = \"2\" }, separator = \";\" }", &["R=b=2;a=1"]),
        (&["DD_TAGS=a:1"], "DD_TAGS.append = [\"b:2\", \"a:1\"]", &["DD_TAGS=a:1,b:2"]),
    ]);
    let unwritable = env(&["V=a,b"], "[env]\nDD_TAGS.pairs = { team = \"${V}\", env = \"x\" }\n");
    assert_eq!((unwritable.codes(), unwritable.get("DD_TAGS")), (vec!["FR205"], Some("env:x")));
    assert_refused(&[
        ("[env]\nDD_TAGS.pairs = { team = \"a,b\" }", Code::BadValue),
        ("[env]\nDD_TAGS.pairs = { \"a:b\" = \"c\" }", Code::BadValue),
        ("[env]\nDD_TAGS.pairs = {}", Code::BadValue),
    ]);
}

#[test]
fn a_default_beside_a_list_operation_is_what_it_starts_from() {
    assert_env(&[
        (&[], "PATH = { default = \"/d\", append = [\"/a\"] }", &["PATH=/d:/a"]),
        (&["PATH="], "PATH = { default = \"/d\", prepend = [\"/a\"] }", &["PATH=/a:/d"]),
        (&["PATH=/x"], "PATH = { default = \"/d\", append = [\"/a\"] }", &["PATH=/x:/a"]),
        (&[], "NODE_OPTIONS = { default = \"--d\", append = [\"--a\"] }", &["NODE_OPTIONS=--d --a"]),
        (&[], "DD_TAGS = { default = \"a:1\", pairs = { b = \"2\" } }", &["DD_TAGS=b:2,a:1"]),
        (&[], "DD_TAGS = { default = \"a:1\", default_pairs = { a = \"2\" } }", &["DD_TAGS=a:1"]),
        // Also where there is nothing to add.
        (&[], "PATH = { default = \"/d\", append = [\"${MISSING}\"] }", &["PATH=/d"]),
        (&[], "PATH = { default = \"/d\", append = [\"/d\"] }", &["PATH=/d"]),
        (&["PATH="], "PATH = { default = \"/d\", prepend = [\"${MISSING}\"] }", &["PATH=/d"]),
        (&[], "NODE_OPTIONS = { default = \"--d\", append = [\"${MISSING}\"] }", &["NODE_OPTIONS=--d"]),
        (&[], "NODE_OPTIONS = { default = \"--d\", append = [\"--d\"] }", &["NODE_OPTIONS=--d"]),
        (&[], "DD_TAGS = { default = \"a:1\", pairs = { b = \"${MISSING}\" } }", &["DD_TAGS=a:1"]),
        (&["PATH=/x"], "PATH = { default = \"/d\", append = [\"${MISSING}\"] }", &["PATH=/x"]),
    ]);
}

#[test]
fn one_operation_per_variable() {
    assert_refused(&[
        ("[env]\nNODE_OPTIONS = { prepend = [\"a\"], append = [\"b\"] }", Code::Conflict),
        ("[env]\nA = { set = \"a\", unset = true }", Code::Conflict),
        ("[env]\nA = { set = \"a\", default = \"b\" }", Code::Conflict),
        ("[env]\nA = { unset = true, default = \"b\" }", Code::Conflict),
        ("[env]\nPATH = { append = [\"/a\"], lowercase = true }", Code::Conflict),
        ("[env]\nA = {}", Code::BadValue),
        ("[env]\nA = { if_exists = \"/x\" }", Code::BadValue),
        ("[env]\nA.unset = false", Code::BadValue),
        ("[env]\nA.lowercase = false", Code::BadValue),
        ("[env]\nA = [\"a\"]", Code::WrongType),
        ("[env]\nA = 0x10", Code::WrongType),
        ("[env]\nA = 1979-05-27", Code::WrongType),
        ("[env]\nA.seperator = \",\"", Code::UnknownKey),
        ("[env]\n\"\" = \"a\"", Code::BadValue),
        ("[env]\n\"a=b\" = \"a\"", Code::BadValue),
        ("nosuch = 1", Code::UnknownKey),
        ("[[rules]]\nnosuch = 1", Code::UnknownKey),
        ("[runtime.node]\nlog = \"x\"", Code::BadValue),
        ("[env]\non_error = \"continue\"", Code::MisplacedKey),
        ("[env]\ninclude = \"x\"", Code::MisplacedKey),
        ("on_error = \"contine\"", Code::BadValue),
    ]);
    assert_env(&[(&[], "on_error.set = \"x\"", &["on_error=x"])]);
}

// ---- PYTHONPATH

#[test]
fn pythonpath_on_managed_python_starts_from_what_the_runtime_would_use() {
    let world = |argv: &[&str], before: &[&str], edit: &str| {
        let world = World::new(argv).env(before).profile(&format!("[env]\nPYTHONPATH{edit}\n"));
        let world =
            world.file("/opt/python/lib/python3.12/site-packages/x.py", "").file("/var/runtime/bootstrap.py", "");
        let settled = world.file("/srv/runtime/x", "").settle().clean();
        settled.get("PYTHONPATH").map(str::to_owned)
    };
    let managed = "/opt/python/lib/python3.12/site-packages:/opt/python:/var/runtime";
    let own_image = ["python", "-m", "awslambdaric", "app.handler"];
    for (argv, before, edit, expected) in [
        (&PYTHON[..], &[][..], ".append = [\"/a\"]", Some(format!("{managed}:/a"))),
        (&PYTHON, &["PYTHONPATH="], ".prepend = [\"/a\"]", Some(format!("/a:{managed}"))),
        (
            &PYTHON,
            &[],
            ".prepend = [\"/opt/python\"]",
            Some(format!("/opt/python:{}", managed.replace(":/opt/python:", ":"))),
        ),
        (
            &PYTHON,
            &["LAMBDA_RUNTIME_DIR=/srv/runtime"],
            ".append = [\"/a\"]",
            Some(managed.replace("/var/runtime", "/srv/runtime") + ":/a"),
        ),
        (&PYTHON, &["PYTHONPATH=/mine"], ".append = [\"/a\"]", Some("/mine:/a".to_owned())),
        (&PYTHON, &[], " = { append = [\"/a\"], default = \"/d\" }", Some("/d:/a".to_owned())),
        (&PYTHON, &[], " = \"/a\"", Some("/a".to_owned())),
        // Once it is set, the runtime adds nothing any more: so what would change nothing must not set it.
        (&PYTHON, &[], ".append = [\"${MISSING}\"]", None),
        (&own_image, &[], ".append = [\"/a\"]", Some("/a".to_owned())),
        (&["/var/lang/bin/node", "/var/runtime/index.mjs"], &[], ".append = [\"/a\"]", Some("/a".to_owned())),
    ] {
        assert_eq!(world(argv, before, edit), expected, "{argv:?} {before:?} {edit}");
    }
}

// ---- args

#[test]
fn options_that_stand_there_as_one_run_are_not_added_again() {
    let java = |profile| argv(&["/bin/java", "-javaagent:/a.jar=x", "-X", "b", "M", "h"], profile).argv;
    let there = ["/bin/java", "-javaagent:/a.jar=x", "-X", "b", "M", "h"];
    assert_eq!(java("args.options = [\"-javaagent:/a.jar\"]"), there, "the same jar, whatever its options");
    assert_eq!(java("args.options = [\"-X\", \"b\"]"), there);
    assert_eq!(java("args.options = [\"-X\", \"c\"]")[1..3], ["-X", "c"]);
    assert_eq!(java("args.options = [\"-X\", \"M\"]")[1..3], ["-X", "M"], "apart they prove nothing");
    assert_eq!(java("args.options = [\"/bin/java\"]")[1], "/bin/java", "the interpreter is no option");
    let twice = "args.options = [\"-Y\"]\n[[rules]]\nargs.options = [\"-Y\"]";
    assert_eq!(java(twice).iter().filter(|argument| *argument == "-Y").count(), 1);
}

#[test]
fn options_go_behind_the_interpreter_and_behind_earlier_ones() {
    let two = "args.options = [\"-a\", \"-b\"]\n[[rules]]\nargs.options = [\"-c\"]\n";
    for (before, after) in [
        (&["/bin/node", "--x", "script"][..], &["/bin/node", "-a", "-b", "-c", "--x", "script"][..]),
        (&["/bin/dotnet", "exec", "x.dll"], &["/bin/dotnet", "exec", "-a", "-b", "-c", "x.dll"]),
        (&["dotnet", "exec"], &["dotnet", "exec", "-a", "-b", "-c"]),
        (&["/bin/dotnet", "x.dll"], &["/bin/dotnet", "-a", "-b", "-c", "x.dll"]),
        (&["/bin/node", "exec", "x"], &["/bin/node", "-a", "-b", "-c", "exec", "x"]),
    ] {
        assert_eq!(argv(before, two).clean().argv, after);
    }
    let alone = argv(&["/var/task/bootstrap"], "args.options = [\"-a\"]\nargs.append = [\"x\"]");
    assert_eq!(
        (alone.codes(), &alone.argv[..]),
        (vec!["FR210"], &["/var/task/bootstrap".to_owned(), "x".to_owned()][..])
    );
}

#[test]
fn an_argument_of_missing_variables_alone_is_dropped() {
    let before = ["/bin/node", "", "script", ""];
    for (profile, after) in [
        ("args.options = [\"${MISSING}\"]", &["/bin/node", "", "script", ""][..]),
        ("args.options = [\"-x\", \"${EMPTY}${MISSING}\", \"-y\"]", &["/bin/node", "", "script", ""]),
        ("args.append = [\"${MISSING}\", \"${A}\"]", &["/bin/node", "", "script", ""]),
        ("args.append = [\"-v\", \"${A}\"]", &["/bin/node", "", "script", "", "-v", "a"]),
        ("args.append = [\"--x=${MISSING}\"]", &["/bin/node", "", "script", "", "--x="]),
    ] {
        assert_eq!(argv(&before, profile).clean().argv, after, "{profile}: Lambda's own empty arguments stay");
    }
    let alone = argv(&["/var/task/bootstrap"], "args.options = [\"${MISSING}\"]");
    assert_eq!(alone.clean().argv, ["/var/task/bootstrap"], "nothing to add, so nothing to warn of");
    assert_refused(&[
        ("args.options = [\"\"]", Code::BadValue),
        ("args.append = [\"x\", \"\"]", Code::BadValue),
        ("args.remove = [\"\"]", Code::BadValue),
    ]);
}

#[test]
fn remove_and_replace() {
    let before = ["/bin/java", "-Xa", "-Xb", "-Yb", "a", "b", "/bin/java"];
    for (profile, after) in [
        ("args.remove = [\"-X*\"]", &["/bin/java", "-Yb", "a", "b", "/bin/java"][..]),
        ("args.remove = [\"-?b\", \"?\"]", &["/bin/java", "-Xa", "/bin/java"]),
        ("args.remove = [\"/bin/java\"]", &["/bin/java", "-Xa", "-Xb", "-Yb", "a", "b"]),
        ("args.remove = [\"${A}\"]", &["/bin/java", "-Xa", "-Xb", "-Yb", "b", "/bin/java"]),
        ("args.remove = [\"-X${MISSING}*\"]", &before),
        ("args.replace = { a = \"b\", b = \"a\" }", &["/bin/java", "-Xa", "-Xb", "-Yb", "b", "a", "/bin/java"]),
        (
            "args.replace = { \"/bin/java\" = \"x\", \"-X\" = \"y\" }",
            &["/bin/java", "-Xa", "-Xb", "-Yb", "a", "b", "x"],
        ),
        (
            "args.replace = { \"${A}\" = \"<${A}>\", \"-X${MISSING}a\" = \"y\" }",
            &["/bin/java", "-Xa", "-Xb", "-Yb", "<a>", "b", "/bin/java"],
        ),
        // Both see what the rule found, not what it makes.
        (
            "args.remove = [\"n*\", \"b\"]\nargs.replace = { a = \"b\" }\nargs.options = [\"n\"]\nargs.append = [\"n\"]",
            &["/bin/java", "n", "-Xa", "-Xb", "-Yb", "b", "/bin/java", "n"],
        ),
    ] {
        assert_eq!(argv(&before, profile).clean().argv, after, "{profile}");
    }
    // Only the profile's own text is a pattern.
    let star = World::new(["/bin/java", "*", "x"]).env(["S=*"]).profile("args.remove = [\"${S}\"]").settle();
    assert_eq!(star.clean().argv, ["/bin/java", "x"]);
    assert_refused(&[
        ("args.remove = [\"*\"]", Code::BadValue),
        ("args.remove = [\"**\"]", Code::BadValue),
        ("args.remove = [\"?*\"]", Code::BadValue),
        ("args.remove = [\"*?\"]", Code::BadValue),
        ("args.remove = \"x\"", Code::WrongType),
        ("args.options = \"x\"", Code::WrongType),
    ]);
}

#[test]
fn handler_remove_and_replace_all_see_what_the_rule_found() {
    let profile = "handler = { redirect = \"new.Handler\", original = \"ORIG\" }\n";
    let removes = argv(&JAVA_17, &format!("{profile}args.remove = [\"new.*\"]\n")).clean();
    assert_eq!(removes.argv.last().unwrap(), "new.Handler");
    let replaces = argv(&JAVA_17, &format!("{profile}args.replace = {{ \"new.Handler\" = \"x\" }}\n")).clean();
    assert_eq!(replaces.argv.last().unwrap(), "new.Handler");
    assert_eq!(replaces.get("ORIG"), Some("example.Handler::handle"));
}

#[test]
fn values_of_flags() {
    let before = ["/bin/java", "-cp", "/a.jar:/b.jar", "--x=1", "-Dk=v", "--x=2", "Main"];
    for (profile, after) in [
        ("\"-cp\" = \"/c.jar\"", &["/bin/java", "-cp", "/c.jar", "--x=1", "-Dk=v", "--x=2", "Main"][..]),
        ("\"-cp\".set = \"${A}\"", &["/bin/java", "-cp", "a", "--x=1", "-Dk=v", "--x=2", "Main"]),
        (
            "\"-cp\".append = [\"/c.jar\", \"/a.jar\"]",
            &["/bin/java", "-cp", "/a.jar:/b.jar:/c.jar", "--x=1", "-Dk=v", "--x=2", "Main"],
        ),
        ("\"-cp\".prepend = [\"/b.jar\"]", &["/bin/java", "-cp", "/b.jar:/a.jar", "--x=1", "-Dk=v", "--x=2", "Main"]),
        ("\"--x\" = \"3\"", &["/bin/java", "-cp", "/a.jar:/b.jar", "--x=1", "-Dk=v", "--x=3", "Main"]),
        (
            "\"--x\" = { append = [\"3\"], separator = \",\" }",
            &["/bin/java", "-cp", "/a.jar:/b.jar", "--x=1", "-Dk=v", "--x=2,3", "Main"],
        ),
        ("\"--x\".unset = true", &["/bin/java", "-cp", "/a.jar:/b.jar", "-Dk=v", "Main"]),
        ("\"-cp\".unset = true", &["/bin/java", "--x=1", "-Dk=v", "--x=2", "Main"]),
        ("\"-Dk\" = \"w\"", &["/bin/java", "-cp", "/a.jar:/b.jar", "--x=1", "-Dk=w", "--x=2", "Main"]),
        ("\"-classpath\".unset = true", &before),
        ("\"--new\" = 3", &["/bin/java", "--new=3", "-cp", "/a.jar:/b.jar", "--x=1", "-Dk=v", "--x=2", "Main"]),
        (
            "\"-XX:MaxHeapSize\" = \"512m\"",
            &["/bin/java", "-XX:MaxHeapSize=512m", "-cp", "/a.jar:/b.jar", "--x=1", "-Dk=v", "--x=2", "Main"],
        ),
        ("\"-p\" = \"/m\"", &["/bin/java", "-p", "/m", "-cp", "/a.jar:/b.jar", "--x=1", "-Dk=v", "--x=2", "Main"]),
    ] {
        assert_eq!(argv(&before, &format!("args.values.{profile}\n")).clean().argv, after, "{profile}");
    }
    let absent = argv(&before, "args.values.\"-classpath\".append = [\"/c.jar\"]");
    assert_eq!((absent.codes(), absent.argv.clone()), (vec!["FR214"], before.map(str::to_owned).to_vec()));
    let none = argv(&before, "args.values.\"-cp\".set.first_existing = [\"/gone\"]");
    assert_eq!((none.codes(), none.argv.clone()), (vec!["FR211"], before.map(str::to_owned).to_vec()));
    let alone = argv(&["/srv/p"], "args.values.\"--x\" = \"1\"");
    assert_eq!(alone.codes(), ["FR210"]);
    assert_refused(&[
        ("args.values.\"--x\".append = [\"a\"]", Code::Separator),
        ("args.values.\"-cp\" = { append = [\"a\"], separator = \",\" }", Code::Separator),
        ("args.values.\"-cp\" = { set = \"a\", unset = true }", Code::Conflict),
        ("args.values.\"--x=\" = \"a\"", Code::BadValue),
        ("args.values.\"--x\" = {}", Code::BadValue),
    ]);
}

#[test]
fn append_through_and_command() {
    let before = ["/bin/node", "script"];
    for (profile, after) in [
        (
            "args.append = [\"x\", \"${A}\"]\n[[rules]]\nargs.append = [\"y\"]",
            &["/bin/node", "script", "x", "a", "y"][..],
        ),
        ("args.through = [\"/opt/p\", \"${A}\"]", &["/opt/p", "a", "/bin/node", "script"]),
        (
            "args.through = [\"/opt/p\", \"q\"]\n[[rules]]\nargs.through = [\"/opt/o\"]",
            &["/opt/o", "/opt/p", "q", "/bin/node", "script"],
        ),
        (
            "args.through = [\"/opt/p\"]\n[[rules]]\nargs.options = [\"-x\"]\nargs.remove = [\"/bin/node\"]",
            &["/opt/p", "/bin/node", "-x", "script"],
        ),
        (
            "args.command = [\"/opt/perf\", \"--\", \"${0}\", \"${1..}\", \"end\"]",
            &["/opt/perf", "--", "/bin/node", "script", "end"],
        ),
        ("args.command = [\"${0}\", \"-x\", \"${1..}\"]", &["/bin/node", "-x", "script"]),
        ("args.command = [\"/opt/p\"]\nargs.options = [\"-x\"]", &["/opt/p"]),
        (
            "args.append = [\"e\"]\nargs.options = [\"-x\"]\nargs.command = [\"/opt/p\", \"${1..}\", \"${0}\"]\nargs.through = [\"/opt/t\"]",
            &["/opt/t", "/opt/p", "-x", "script", "e", "/bin/node"],
        ),
    ] {
        assert_eq!(argv(&before, profile).clean().argv, after, "{profile}");
    }
    let through = argv(&before, "args.through = [\"/opt/p\"]").clean();
    assert_eq!(through.get("FORERUN_THROUGH"), Some("4711"), "it marks the process");
    assert_eq!(argv(&before, "args.append = [\"x\"]").clean().get("FORERUN_THROUGH"), None);
    assert_code(&argv(&before, "args.through = [\"${A}/p\"]"), Code::RelativePath);
    assert_code(&argv(&before, "args.command = [\"${A}/p\"]"), Code::RelativePath);
    assert_code(&argv(&before, "args.through = [\"/opt/wrapper\"]"), Code::ThroughItself);
    assert_refused(&[
        ("args.through = []", Code::BadValue),
        ("args.command = []", Code::BadValue),
        ("args.through = [\"p\"]", Code::BadValue),
        ("args.command = [\"p\"]", Code::BadValue),
        ("args.command = [\"${1..}\"]", Code::BadValue),
        ("args.through = [\"/p\", \"${0}\"]", Code::Template),
        ("args.append = [\"${1..}\"]", Code::Template),
        ("args.command = [\"/p\", \"x${0}\"]", Code::Template),
    ]);
}

// ---- handler

const REDIRECT: &str = "handler = { redirect = \"new.handler\", original = \"ORIG\" }\n";

#[test]
fn a_redirect_where_the_handler_is_in_the_environment() {
    let before = ["PATH=/x", "_HANDLER=app.handler", "Z=1"];
    let settled = World::new(PYTHON).env(before).profile(REDIRECT).settle().clean();
    assert_eq!(settled.env, ["PATH=/x", "_HANDLER=new.handler", "Z=1", "ORIG=app.handler"]);
    assert_eq!(settled.argv, PYTHON);
    let looks_like_it = World::new(["/bin/java", "app.handler", "lambdainternal.AWSLambda"]).env(before);
    assert_eq!(looks_like_it.profile(REDIRECT).settle().clean().argv[1], "app.handler", "only the one known place");
}

#[test]
fn a_redirect_where_the_handler_is_in_argv() {
    let settled =
        World::new(JAVA_17).env(["_HANDLER=stale", "A=example.Handler::handle"]).profile(REDIRECT).settle().clean();
    assert_eq!((settled.get("_HANDLER"), settled.get("ORIG")), (Some("new.handler"), Some("example.Handler::handle")));
    assert_eq!((&settled.argv[..5], &settled.argv[5][..]), (&JAVA_17.map(str::to_owned)[..5], "new.handler"));
    let without = World::new(["python", "-m", "awslambdaric", "app.handler"]).profile(REDIRECT).settle().clean();
    assert_eq!(without.env, ["ORIG=app.handler", "_HANDLER=new.handler"]);
    assert_eq!(without.argv[3], "new.handler");
    let dotnet = ["dotnet", "exec", "--depsfile", "F", "/var/runtime/Amazon.Lambda.RuntimeSupport.dll", "A::B::C"];
    let moved = format!("args.options = [\"--roll-forward\", \"Major\"]\n[[rules]]\n{REDIRECT}");
    let settled = World::new(dotnet).profile(&moved).settle().clean();
    assert_eq!((settled.argv.last().unwrap(), settled.get("ORIG")), (&"new.handler".to_owned(), Some("A::B::C")));
}

#[test]
fn a_redirect_that_has_nothing_to_do() {
    let again = World::new(PYTHON).env(["_HANDLER=new.handler", "ORIG=app.handler"]).profile(REDIRECT).settle().clean();
    assert_eq!(again.env, ["_HANDLER=new.handler", "ORIG=app.handler"]);
    let none = World::new(PYTHON).env(["_HANDLER="]).profile(REDIRECT).settle();
    assert_eq!((none.codes(), none.env.clone()), (vec!["FR212"], vec!["_HANDLER=".to_owned()]));
    let templated = "handler = { redirect = \"${WRAP}.handler\", original = \"ORIG\" }";
    let settled = World::new(PYTHON).env(["_HANDLER=a.b", "WRAP=w"]).profile(templated).settle().clean();
    assert_eq!((settled.get("_HANDLER"), settled.get("ORIG")), (Some("w.handler"), Some("a.b")));
}

#[test]
fn redirects_that_are_refused() {
    assert_refused(&[
        ("handler.redirect = \"a.b\"", Code::BadValue),
        ("handler.original = \"A\"", Code::BadValue),
        ("handler = { redirect = \"\", original = \"A\" }", Code::BadValue),
        ("handler = { redirect = \"a.b\", original = \"\" }", Code::BadValue),
        ("handler = { redirect = \"a.b\", original = \"_HANDLER\" }", Code::Conflict),
        ("handler = { redirect = \"a.b\", original = \"O\" }\nenv.O = \"x\"", Code::Conflict),
        ("env._HANDLER = \"x\"\nhandler = { redirect = \"a.b\", original = \"O\" }", Code::Conflict),
    ]);
}

// ---- when

/// Whether a condition holds at this start.
#[track_caller]
fn holds(world: World, when: &str) -> bool {
    let world = world.profile(&format!("[[rules]]\n{when}\nenv.HELD = \"1\"\n"));
    world.settle().clean().get("HELD") == Some("1")
}

#[test]
fn when_runtime() {
    let on = |execution_env: &str, when: &str| {
        let env = [format!("AWS_EXECUTION_ENV=AWS_Lambda_{execution_env}")];
        holds(World::new(["/srv/p"]).env(env), &format!("when.runtime = {when}"))
    };
    for (execution_env, when, expected) in [
        ("python3.12", "\"python\"", true),
        ("python3.12", "\"nodejs\"", false),
        ("python3.12", "\"python3.12\"", true),
        ("python3.12", "\"python3.1\"", false),
        ("python3.12", "\"python3\"", true),
        ("python3.12", "\"python>=3.9\"", true),
        ("python3.12", "\"python>3.12\"", false),
        ("python3.12", "\"python>=3.12\"", true),
        ("python3.12", "\"python<3.13,>3.8\"", true),
        ("python3.12", "\"python>3\"", true),
        ("nodejs20.x", "\"nodejs>=20,<23\"", true),
        ("nodejs20.x", "\"nodejs20\"", true),
        ("nodejs20.x", "\"nodejs20.x\"", true),
        ("nodejs8.x", "\"nodejs>=20\"", false),
        ("nodejs24.x", "\"nodejs>=20,<23\"", false),
        ("java8.al2", "\"java8\"", true),
        ("java8.al2", "\"java8.al2\"", true),
        ("java21", "\"java<=17\"", false),
        ("java21", "[\"java<=17\", \"java>20\"]", true),
        ("ruby3.3", "[\"python\", \"java\"]", false),
        ("provided.al2023", "\"provided.al2023\"", true),
        ("provided.al2023", "\"provided\"", true),
        ("dotnet8", "\"dotnet>=6\"", true),
    ] {
        assert_eq!(on(execution_env, when), expected, "{execution_env} {when}");
    }
    // An unknown version is taken for a new one.
    for (when, expected) in [
        ("nodejs", true),
        ("nodejs>=20", true),
        ("nodejs>99", true),
        ("nodejs<99", false),
        ("nodejs<=99", false),
        ("nodejs20", false),
        ("nodejs>=20,<99", false),
    ] {
        let world = World::new(["/bin/node", "/var/runtime/index.mjs"]);
        assert_eq!(holds(world, &format!("when.runtime = \"{when}\"")), expected, "{when}");
    }
    assert_refused(&[
        ("when.runtime = \"node\"", Code::BadValue),
        ("when.runtime = \"python>=x\"", Code::BadValue),
        ("when.runtime = []", Code::BadValue),
        ("when.runtime = 3", Code::WrongType),
    ]);
    assert!(env(&[], "when.runtime = \"provided.al2023\"").stop.is_none());
}

#[test]
fn a_minor_number_that_is_not_known_is_taken_for_a_new_one() {
    let python3 = |when: &str| {
        let world = World::new(["python3", "-m", "awslambdaric", "app.handler"]);
        holds(world, &format!("when.runtime = \"{when}\""))
    };
    assert!(python3("python>=3.9") && python3("python3") && python3("python>=3"));
    assert!(!python3("python3.12") && !python3("python<3") && !python3("python>=4"));
}

#[test]
fn runtime_rules() {
    let profile =
        "[runtime.python]\nenv.A = \"${A}p\"\n[runtime.java]\nenv.A = \"${A}j\"\n[[rules]]\nenv.A = \"${A}r\"\n";
    assert_eq!(World::new(PYTHON).env(["A=0"]).profile(profile).settle().clean().get("A"), Some("0pr"));
    assert_eq!(World::new(JAVA_17).env(["A=0"]).profile(profile).settle().clean().get("A"), Some("0jr"));
    assert_eq!(World::new(["/srv/p"]).env(["A=0"]).profile(profile).settle().clean().get("A"), Some("0r"));
    let top_first = "env.A = \"top\"\n[[rules]]\nenv.A = \"${A}rule\"\n[runtime.python]\nwhen.env.A = \"top\"\nenv.A = \"${A}python\"\n";
    assert_eq!(World::new(PYTHON).profile(top_first).settle().clean().get("A"), Some("toppythonrule"));
}

#[test]
fn when_arch_and_init() {
    let mut arm = World::new(["/srv/p"]);
    arm.arch = Arch::Arm64;
    assert!(holds(arm, "when.arch = \"arm64\""));
    assert!(!holds(World::new(["/srv/p"]), "when.arch = \"arm64\""));
    assert!(holds(World::new(["/srv/p"]), "when.arch = [\"arm64\", \"x86_64\"]"));
    let init = |value: &[&str], when: &str| holds(World::new(["/srv/p"]).env(value), &format!("when.init = {when}"));
    let snap = &["AWS_LAMBDA_INITIALIZATION_TYPE=snap-start"];
    assert!(init(snap, "\"snap-start\"") && !init(snap, "\"on-demand\""));
    assert!(init(snap, "[\"on-demand\", \"snap-start\"]"));
    assert!(init(&[], "\"on-demand\"") && init(&["AWS_LAMBDA_INITIALIZATION_TYPE="], "\"on-demand\""));
    assert!(!init(&["AWS_LAMBDA_INITIALIZATION_TYPE=new-type"], "\"on-demand\""));
    for word in ["provisioned-concurrency", "lambda-managed-instances"] {
        assert!(init(&[&format!("AWS_LAMBDA_INITIALIZATION_TYPE={word}")], &format!("\"{word}\"")));
    }
    assert_refused(&[("when.arch = \"amd64\"", Code::BadValue), ("when.init = \"snapstart\"", Code::BadValue)]);
}

#[test]
fn when_env() {
    let before = ["A=value", "EMPTY=", "ON=Yes", "OFF=0", "GLOB=a*b", "N=20"];
    for (when, expected) in [
        ("A = \"value\"", true),
        ("A = \"valu\"", false),
        ("A = \"VALUE\"", false),
        ("A = [\"x\", \"value\"]", true),
        ("A = [\"x\", \"y\"]", false),
        ("A = \"${A}\"", true),
        ("MISSING = \"\"", true),
        ("EMPTY = \"\"", true),
        ("A = \"\"", false),
        ("A = [\"\", \"value\"]", true),
        ("N = 20", true),
        ("N = [10, 20]", true),
        ("ON = true", true),
        ("OFF = true", false),
        ("A = true", false),
        ("MISSING = true", false),
        ("OFF = false", true),
        ("MISSING = false", true),
        ("EMPTY = false", true),
        ("A = false", true),
        ("ON = false", false),
        ("EMPTY = { empty = true }", true),
        ("MISSING = { empty = true }", true),
        ("A = { empty = true }", false),
        ("A = { empty = false }", true),
        ("MISSING = { empty = false }", false),
        ("A = { contains = \"alu\" }", true),
        ("A = { contains = \"ALU\" }", false),
        ("A = { contains = \"${MISSING}\" }", false),
        ("A = { contains = \"al${MISSING}\" }", false),
        ("A = { matches = \"v*e\" }", true),
        ("A = { matches = \"v?l*\" }", true),
        ("A = { matches = \"v\" }", false),
        ("A = { matches = \"${A}\" }", true),
        ("A = { matches = \"${GLOB}\" }", false),
        ("GLOB = { matches = \"${GLOB}\" }", true),
        ("MISSING = { matches = \"*\" }", true),
        ("A = { matches = \"*${MISSING}\" }", false),
        ("A = { contains = \"va\", matches = \"*e\", empty = false }", true),
        ("A = { contains = \"va\", matches = \"*x\" }", false),
    ] {
        assert_eq!(holds(World::new(["/srv/p"]).env(before), &format!("when.env.{when}")), expected, "{when}");
    }
    for word in ["1", "t", "T", "true", "TRUE", "y", "yes", "on", "On"] {
        assert!(holds(World::new(["/srv/p"]).env([format!("A={word}")]), "when.env.A = true"), "{word}");
    }
    for word in ["0", "f", "false", "n", "no", "off", "2", "truee", " true", "enabled"] {
        assert!(holds(World::new(["/srv/p"]).env([format!("A={word}")]), "when.env.A = false"), "{word}");
    }
    assert!(!holds(World::new(["/srv/p"]).env(before), "when.env.A = \"value\"\nwhen.env.N = \"21\""));
    assert_refused(&[
        ("when.env.A = [\"a\", true]", Code::WrongType),
        ("when.env.A = []", Code::BadValue),
        ("when.env.A = {}", Code::BadValue),
        ("when.env.A = { contains = \"\" }", Code::BadValue),
        ("when.env.A = { is = \"x\" }", Code::UnknownKey),
        ("when.envv.A = \"x\"", Code::UnknownKey),
    ]);
}

#[test]
fn when_exists() {
    let world = || World::new(["/srv/p"]).env(["DIR=/opt/agent", "REL=opt"]).file("/opt/agent/x.so", "");
    for (when, expected) in [
        ("\"/opt/agent/x.so\"", true),
        ("\"/opt/agent\"", true),
        ("\"/opt/agent/y.so\"", false),
        ("[\"/gone\", \"${DIR}/x.so\"]", true),
        ("\"${MISSING}/opt/agent\"", false),
        ("\"/opt/agent/${MISSING}\"", false),
    ] {
        assert_eq!(holds(world(), &format!("when.exists = {when}")), expected, "{when}");
    }
    assert_code(&world().profile("when.exists = \"${REL}/x\"").settle(), Code::RelativePath);
    assert_refused(&[("when.exists = \"x\"", Code::BadValue), ("when.exists = []", Code::BadValue)]);
}

#[test]
fn when_not_all_and_any() {
    for (when, expected) in [
        ("when.not.env.A = \"1\"", false),
        ("when.not.env.A = \"2\"", true),
        ("when.not = { env.A = \"1\", env.B = \"x\" }", true),
        ("when.not = { env.A = \"1\", env.B = \"2\" }", false),
        ("when.not.not.env.A = \"1\"", true),
        ("when.all = [{ env.A = \"1\" }, { env.B = \"2\" }]", true),
        ("when.all = [{ env.A = \"1\" }, { env.B = \"x\" }]", false),
        ("when.any = [{ env.A = \"x\" }, { env.B = \"2\" }]", true),
        ("when.any = [{ env.A = \"x\" }, { env.B = \"x\" }]", false),
        ("when.any = [{ env.A = \"1\", env.B = \"x\" }, { not.env.B = \"3\", arch = \"x86_64\" }]", true),
        ("when.any = [{ env.A = \"1\" }]\nwhen.env.B = \"x\"", false),
        ("when.all = [{ any = [{ env.A = \"x\" }, { env.A = \"1\" }] }, { not.exists = \"/gone\" }]", true),
    ] {
        assert_eq!(holds(World::new(["/srv/p"]).env(["A=1", "B=2"]), when), expected, "{when}");
    }
    assert_refused(&[("when.any = []", Code::BadValue), ("when.all = []", Code::BadValue)]);
}

#[test]
fn when_module_goes_by_nodes_own_rule() {
    let module = |handler: &str, files: &[(&str, &str)]| {
        let world = |when: &str| {
            let start =
                World::new(["/var/lang/bin/node", "/var/runtime/index.mjs"]).env([format!("_HANDLER={handler}")]);
            let world = files.iter().fold(start, |world, (path, text)| world.file(path, text));
            holds(world, &format!("when.module = \"{when}\""))
        };
        match (world("esm"), world("commonjs")) {
            (true, false) => "esm",
            (false, true) => "commonjs",
            (false, false) => "neither",
            (true, true) => "both",
        }
    };
    const ESM: &str = "{\"type\": \"module\"}";
    const CJS: &str = "{\"type\": \"commonjs\"}";
    for (handler, files, expected) in [
        ("app.handler", &[("/var/task/app.mjs", "")][..], "esm"),
        ("app.handler", &[("/var/task/app.cjs", "")], "commonjs"),
        ("app.handler", &[("/var/task/app.js", "")], "commonjs"),
        ("app.handler", &[("/var/task/app.js", ""), ("/var/task/package.json", ESM)], "esm"),
        ("app.handler", &[("/var/task/app.js", ""), ("/var/task/package.json", CJS)], "commonjs"),
        ("app.handler", &[("/var/task/app.js", ""), ("/var/task/package.json", "{}")], "commonjs"),
        ("src/app.handler", &[("/var/task/src/app.js", ""), ("/var/task/package.json", ESM)], "esm"),
        (
            "src/app.handler",
            &[("/var/task/src/app.js", ""), ("/var/task/package.json", ESM), ("/var/task/src/package.json", "{}")],
            "commonjs",
        ),
        ("app.handler", &[("/var/task/app.cjs", ""), ("/var/task/package.json", ESM)], "commonjs"),
        ("app.handler", &[("/var/task/app.mjs", ""), ("/var/task/package.json", CJS)], "esm"),
        ("app.handler", &[("/var/task/app.js", ""), ("/var/task/app.mjs", "")], "commonjs"),
        ("app.a.b", &[("/var/task/app.mjs", "")], "esm"),
        ("a.b/app.handler", &[("/var/task/a.b/app.mjs", "")], "esm"),
        ("app.handler", &[("/var/task/other.mjs", "")], "neither"),
        ("app.handler", &[("/var/package.json", ESM), ("/var/task/app.js", "")], "esm"),
        ("", &[("/var/task/app.mjs", "")], "neither"),
    ] {
        assert_eq!(module(handler, files), expected, "{handler} {files:?}");
    }
    let root =
        World::new(["/bin/node"]).env(["_HANDLER=app.h", "LAMBDA_TASK_ROOT=/srv/task"]).file("/srv/task/app.mjs", "");
    assert!(holds(root, "when.module = [\"esm\", \"commonjs\"]"));
    assert_refused(&[("when.module = \"cjs\"", Code::BadValue)]);
}

#[test]
fn when_at_the_top_gates_everything() {
    let profile = |stage: &str| {
        format!(
            "when.env.STAGE = \"{stage}\"\ninclude = [\"other\"]\nenv.A = \"1\"\n[runtime.python]\nenv.B = \"1\"\n[[rules]]\nenv.C = \"1\"\n"
        )
    };
    let world = |stage: &str| {
        let world = World::new(PYTHON).env(["STAGE=prod"]).profile(&profile(stage));
        world.file("/opt/forerun/other.toml", "[env]\nD = \"1\"\n").settle().clean()
    };
    assert_eq!(world("beta").env, ["STAGE=prod"]);
    assert_eq!(world("prod").env, ["STAGE=prod", "D=1", "A=1", "B=1", "C=1"]);
}

// ---- include, log, warn, fail

#[test]
fn includes_come_at_their_place_and_once() {
    let trace = |name: &str| format!("[env]\nT = {{ append = [\"{name}\"], separator = \",\" }}\n");
    let world = |profile: &str| {
        let world = World::new(PYTHON).env(["WHICH=b"]).profile(profile);
        let world = world.file("/opt/forerun/a.toml", trace("a")).file("/opt/forerun/b.toml", trace("b"));
        let world = world.file("/opt/c.toml", trace("c")).file("/opt/forerun.d/common/d.toml", trace("d"));
        world.settle()
    };
    let append = |name: &str| format!("env.T = {{ append = [\"{name}\"], separator = \",\" }}\n");
    for (profile, expected) in [
        (format!("include = [\"b\", \"a\"]\n{}", append("top")), "b,a,top"),
        (
            format!("{}[[rules]]\n{}include = [\"a\"]\n[[rules]]\n{}", append("top"), append("1"), append("2")),
            "top,a,1,2",
        ),
        ("include = [\"a\", \"a\", \"b\"]\n[[rules]]\ninclude = [\"a\"]".to_owned(), "a,b"),
        ("include = [\"/opt/c.toml\", \"${forerun.profile_dir}/common/d.toml\"]".to_owned(), "c,d"),
        ("[[rules]]\nwhen.env.WHICH = \"x\"\ninclude = [\"nosuch\"]\n[[rules]]\ninclude = [\"a\"]".to_owned(), "a"),
        ("[runtime.java]\ninclude = [\"nosuch\"]\n[runtime.python]\ninclude = [\"b\"]".to_owned(), "b"),
    ] {
        assert_eq!(world(&profile).clean().get("T"), Some(expected), "{profile}");
    }
    // The rest of a rule reads what its includes left.
    let profile = "[[rules]]\ninclude = [\"a\"]\nenv.SEEN = \"${T}\"\nargs.append = [\"${T}\"]\n";
    let settled = world(profile).clean();
    assert_eq!((settled.get("SEEN"), &settled.argv[2][..]), (Some("a"), "a"));
    assert_eq!(world("include = [\"builtin:python\"]").clean().get("PYTHONFAULTHANDLER"), Some("1"));
    let unknown = world("[[rules]]\ninclude = [\"a\", \"nosuch\"]");
    assert_code(&unknown, Code::ProfileNotFound);
    assert!(
        unknown.lines.last().unwrap().starts_with("error[FR201]: /opt/forerun.d/10-t.toml:2:17: "),
        "{:?}",
        unknown.lines
    );
    assert_refused(&[
        ("include = [\"${WHICH}/x.toml\"]", Code::Template),
        ("include = [\"\"]", Code::BadValue),
        ("include = [\"x/y.toml\"]", Code::BadValue),
        ("include = [\"./y.toml\"]", Code::BadValue),
        ("include = \"a\"", Code::WrongType),
    ]);
}

#[test]
fn log_warn_and_fail_are_literal() {
    let settled = env(&["A=secret"], "log = \"news ${A} $\"\nwarn = \"oh ${A}\"\n");
    assert_eq!(
        settled.lines[settled.lines.len() - 2..],
        ["info: /opt/forerun.d/10-t.toml:1:1: news ${A} $", "warning[FR217]: /opt/forerun.d/10-t.toml:2:1: oh ${A}"]
    );
    let failed = env(
        &["A=secret"],
        "[[rules]]\nwhen.env.A = \"x\"\nfail = \"not this\"\n[[rules]]\nwarn = \"first\"\n[[rules]]\nfail = \"no ${A}\"\n",
    );
    assert_code(&failed, Code::ProfileFails);
    assert_eq!(failed.codes(), ["FR217", "FR204"]);
    assert!(failed.lines.last().unwrap().ends_with(":7:1: no ${A}"), "{:?}", failed.lines);
    let left_out = env(&[], "[[rules]]\nwhen.env.X = \"1\"\nlog = \"x\"\nwarn = \"x\"\nfail = \"x\"\n").clean();
    assert!(!left_out.lines.iter().any(|line| line.ends_with(": x")), "{:?}", left_out.lines);
}

#[test]
fn a_message_stays_one_line() {
    let settled = env(&[], "warn = \"two\\nlines\\u001b[31m\"\n");
    assert!(settled.lines.iter().all(|line| !line.contains(['\n', '\u{1b}'])), "{:?}", settled.lines);
    let mut broken = Vec::new();
    for profile in [
        "fail = \"two\\nlines\"",
        "\"two\\nlines\" = 1",
        "on_error = \"two\\nlines\"",
        "forerun = \"two\\nlines\"",
        "forerun = \">=99\\n\"",
        "include = [\"two\\nlines\"]",
        "when.runtime = \"python\\nlines\"",
        "when.arch = \"two\\nlines\"",
        "when.env.A = { \"two\\nlines\" = 1 }",
        "when.env.\"two\\nlines\" = []",
        "[runtime.\"two\\nlines\"]",
        "[env]\n\"two\\nlines=\" = \"\"",
        "[env]\n\"two\\nlines\" = []",
        "[env]\n\"two\\nlines\" = {}",
        "[env]\n\"two\\nlines\".append = [\"a\"]",
        "[env]\nA = \"${two\\nlines}\"",
        "[env]\nA = \"${forerun.two\\nlines}\"",
        "[env]\nA = \"${A:two\\nlines}\"",
        "[env]\nA = { append = [\"a\\nb\"], separator = \"\\n\" }",
        "[env]\nPATH = { append = [\"/a\"], separator = \"\\n\" }",
        "[env]\nDD_TAGS.pairs = { \"two:\\nlines\" = \"x\" }",
        "[env]\nDD_TAGS.pairs = { \"two\\nlines\" = [] }",
        "args.values.\"two\\nlines\" = {}",
        "args.values.\"two\\nlines\" = []",
        "args.values.\"two\\nlines\".append = [\"a\"]",
        "args.through = [\"/opt/wrapper\", \"two\\nlines\"]",
        "args.replace = { \"two\\nlines\" = 1 }",
        "two\nlines",
    ] {
        let refused = env(&[], profile);
        assert!(refused.stop.is_some(), "{profile}");
        if refused.lines.iter().any(|line| line.contains('\n')) {
            broken.push(profile);
        }
    }
    assert_eq!(broken, [""; 0]);
}

#[test]
fn the_oldest_forerun_that_understands_a_profile() {
    assert!(env(&[], "forerun = \">=0.1\"").stop.is_none());
    let newer = env(&[], "forerun = \">=99.1\"\nnew_key = 1");
    assert_code(&newer, Code::NeedsNewerForerun);
    assert_refused(&[
        ("forerun = \"0.1\"", Code::BadValue),
        ("forerun = \">=x\"", Code::BadValue),
        ("forerun = 1", Code::WrongType),
    ]);
}

// ---- bytes

#[test]
fn duplicates_and_odd_entries_pass_through_what_is_not_edited() {
    let before: &[&[u8]] = &[b"A=1", b"odd", b"=x", b"B=2", b"A=3", b"B=4", b"\xff=\xfe", b""];
    let settled = World::new(["/srv/p"]).env(before).profile("[env]\nA = \"new ${B}\"\n").settle().clean();
    assert_eq!(settled.env, ["A=new 2", "odd", "=x", "B=2", "B=4", "\u{fffd}=\u{fffd}", ""]);
    let moved = World::new(["/srv/p"]).env(["V=caf\u{e9}"]).profile("[env]\nX = \"<${V}>\"\n").settle().clean();
    assert_eq!(moved.get("X"), Some("<caf\u{e9}>"));
}

#[test]
fn a_key_that_no_environment_can_hold_is_refused() {
    assert_refused(&[
        ("[env]\nOTEL_RESOURCE_ATTRIBUTES.pairs = { \"a\\u0000b\" = \"x\" }", Code::BadValue),
        ("[env]\n\"A\\u0000\" = \"x\"", Code::BadValue),
        ("when.runtime = \"python3.l2\"", Code::BadValue),
        ("when.runtime = \"python3.12.9\"", Code::BadValue),
        ("when.runtime = \"python+3\"", Code::BadValue),
    ]);
}

#[test]
fn a_glob_of_which_only_wildcards_are_left_drops_nothing() {
    let settled = argv(&["/bin/node", "a", "b"], "args.remove = [\"${MISSING:-}*\"]");
    assert_eq!(
        (settled.codes(), &settled.argv[..]),
        (vec!["FR107"], &["/bin/node".to_owned(), "a".into(), "b".into()][..])
    );
}

#[test]
fn options_go_to_the_program_that_a_profile_gave() {
    let profile = "args.command = [\"/bin/echo\", \"a\"]\n[[rules]]\nargs.options = [\"-n\"]\n";
    assert_eq!(argv(&["/var/task/bootstrap"], profile).clean().argv, ["/bin/echo", "-n", "a"]);
}
