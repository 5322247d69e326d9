//! Compares the text of a story with its JSON: both say the same, word for word, but for the breaks of lines.

use serde_json::Value;

/// A section of the text: everything in it without white space and places, and the places in their order.
#[derive(Debug, Default, PartialEq, Eq)]
struct Section {
    content: String,
    places: Vec<String>,
}

impl Section {
    fn add(&mut self, content: impl AsRef<str>) {
        self.content.extend(content.as_ref().chars().filter(|char| !char.is_whitespace()));
    }

    fn place(&mut self, origin: &Value) {
        self.places.extend((!origin.is_null()).then(|| place(origin)));
    }
}

/// `10-agent.toml:4`
fn place(origin: &Value) -> String {
    format!("{}:{}", base_name(text(&origin["profile"])), origin["line"])
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a string: {value}"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}"))
}

/// A value as the text writes it.
fn shown(value: &Value) -> String {
    if let Some(length) = value.get("masked") {
        let unit = if length == 1 { "byte" } else { "bytes" };
        return format!("…({length} {unit})");
    }
    match value.get("value") {
        Some(value) if text(value).is_empty() => "(empty)".to_owned(),
        Some(value) => text(value).to_owned(),
        None => "(the process id)".to_owned(),
    }
}

/// What the text has below a heading.
fn section(story: &str, heading: &str) -> Section {
    let mut section = Section::default();
    let mut lines = story.lines().skip_while(|line| *line != heading);
    for line in lines.by_ref().skip(1).take_while(|line| !line.is_empty()) {
        let (content, place) = match line.rsplit_once("  ") {
            Some((content, place)) if is_place(place) => (content, Some(place)),
            _ => (line, None),
        };
        section.add(content);
        section.places.extend(place.map(str::to_owned));
    }
    section
}

/// `companions.toml:4`, or forerun itself.
fn is_place(text: &str) -> bool {
    let number = text.rsplit_once(".toml:").or_else(|| text.strip_prefix("builtin:")?.rsplit_once(':'));
    text == "forerun" || number.is_some_and(|(_, line)| line.parse::<usize>().is_ok())
}

fn environment(plan: &Value) -> Section {
    let mut section = Section::default();
    for variable in list(&plan["variables"]) {
        section.add(format!("{} {}", text(&variable["sign"]), text(&variable["name"])));
        let (old, new) = (&variable["old"], &variable["new"]);
        section.add(if new.is_null() { String::new() } else { shown(new) });
        section.add(if old.is_null() { String::new() } else { format!("was {}", shown(old)) });
        list(&variable["origins"]).iter().for_each(|origin| section.place(origin));
        if list(&variable["origins"]).is_empty() {
            section.places.push("forerun".to_owned());
        }
    }
    section
}

fn argv(plan: &Value) -> Section {
    let mut section = Section::default();
    let words = list(&plan["argv"]);
    if words.iter().all(|word| word["sign"] == "=") {
        return section;
    }
    let mut number = 0;
    while number < words.len() {
        let run = words[number..].iter().take_while(|word| word["sign"] == "=").count();
        if run > 4 {
            section.add(shown(&words[number]["text"]));
            section.add(format!("… {} more unchanged", run - 2));
            number += run - 1;
        }
        let word = &words[number];
        section.add(format!("{} {}", text(&word["sign"]).replace('=', ""), shown(&word["text"])));
        section.place(&word["origin"]);
        number += 1;
    }
    section
}

fn skipped(plan: &Value) -> Section {
    let mut section = Section::default();
    let mut last = String::new();
    for skipped in list(&plan["skipped"]) {
        let (unmet, sidecar) = (text(&skipped["unmet"]), &skipped["sidecar"]);
        let file = text(&skipped["origin"]["profile"]).to_owned();
        match unmet.strip_prefix("runtime.") {
            Some(family) if sidecar.is_null() && last == file => section.add(format!(", .{family}")),
            family => {
                section.add(place(&skipped["origin"]));
                section.add(if let Some(name) = sidecar.as_str() {
                    format!("the sidecar `{name}`: ")
                } else {
                    String::new()
                });
                section.add(unmet);
                last = if family.is_some() && sidecar.is_null() { file } else { String::new() };
            }
        }
    }
    section
}

fn messages(story: &Value) -> Section {
    let mut section = Section::default();
    for message in list(&story["messages"]) {
        if message["origin"].is_null() && text(&message["text"]).starts_with("profiles were found") {
            assert!(story["plan"]["unused_builtin"].is_string() || story["plan"].is_null());
            continue;
        }
        section.add(text(&message["level"]));
        section.add(message["code"].as_str().map(|code| format!("[{code}]")).unwrap_or_default());
        section.add(text(&message["text"]));
        section.place(&message["origin"]);
    }
    section
}

fn process(plan: &Value) -> Section {
    let mut section = Section::default();
    let process = &plan["process"];
    for limit in list(&process["limits"]) {
        let value = match limit["value"].as_str() {
            Some("hard") => "up to the hard limit".to_owned(),
            Some(word) => word.to_owned(),
            None => limit["value"].to_string(),
        };
        section.add(format!("+ limit {} {value}", text(&limit["name"])));
        section.place(&limit["origin"]);
    }
    for folder in list(&process["directories"]) {
        section.add(format!("+ folder {}", text(&folder["path"])));
        section.place(&folder["origin"]);
    }
    if !process["graceful"].is_null() {
        section.add("+ shutdown SIGTERM before the end, by an extension that asks for no event");
        section.place(&process["graceful"]);
    }
    section
}

/// The first lines: function, runtime and profiles.
fn head(story: &Value) -> String {
    let mut head = Section::default();
    let function = &story["function"];
    if !function.is_null() {
        head.add(format!("function {} ({})", text(&function["name"]), text(&function["version"])));
        head.add(format!(", {} MB, {} s at most", function["memory_mb"], function["timeout_s"]));
        head.add(function["hindrance"].as_str().map(|why| format!("wrapper {why}")).unwrap_or_default());
    }
    let plan = &story["plan"];
    if plan.is_null() {
        return head.content;
    }
    let evidence = match plan["runtime"]["evidence"].as_str() {
        Some("files") => "(from the files of the image)".to_owned(),
        Some(word) => format!("(from {word})"),
        None => String::new(),
    };
    head.add(format!("runtime {} on {} {evidence}", text(&plan["runtime"]["name"]), text(&plan["runtime"]["arch"])));
    head.add("profiles");
    for profile in list(&plan["profiles"]) {
        head.add(text(&profile["place"]));
        head.add(match text(&profile["because"]) {
            "own-name" => "the wrapper's own name".to_owned(),
            "function" => "the function's own".to_owned(),
            "runtime" => "the built-in one of the runtime".to_owned(),
            "included" => format!("included by {}", place(&profile["included_at"])),
            word => word.to_owned(),
        });
        head.add(profile["unmet"].as_str().map(|unmet| format!("; does not apply: {unmet}")).unwrap_or_default());
    }
    if let Some(unused) = plan["unused_builtin"].as_str() {
        head.add(format!("{unused} not used: profiles were found"));
    }
    head.content
}

fn notes(function: &Value) -> Section {
    let mut section = Section::default();
    if !function.is_null() {
        list(&function["notes"]).iter().chain(list(&function["layers"])).for_each(|note| section.add(text(note)));
    }
    section
}

/// What of a sidecar the text must have in it.
fn sidecars(plan: &Value) -> Vec<String> {
    let facts = |sidecar: &Value| {
        let command: Vec<String> = list(&sidecar["command"]).iter().map(shown).collect();
        let set = list(&sidecar["environment"]["set"]).iter();
        let mut facts: Vec<String> =
            set.map(|set| format!("+ {} = {}", text(&set["name"]), shown(&set["value"]))).collect();
        facts.push(format!("+ {}  {}", text(&sidecar["name"]), place(&sidecar["origin"])));
        facts.push(format!("command {}", command.join(" ")));
        facts.extend(sidecar["ready"]["when"].as_str().map(|when| format!("ready {when}, waited for")));
        facts.extend(sidecar["working_directory"].as_str().map(|folder| format!("folder {folder}")));
        facts.extend((sidecar["restart"] == "on-failure").then(|| "restart on failure".to_owned()));
        facts.extend((sidecar["required"] == true).then(|| "the start stops".to_owned()));
        facts
    };
    list(&plan["sidecars"]).iter().flat_map(facts).collect()
}

fn without_white_space(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Panics when the two differ.
pub(crate) fn assert_same(start: &str, story: &str, json: &Value) {
    let whole = without_white_space(story);
    assert!(whole.starts_with(&head(json)), "{start}: {} is not the head of\n{story}", head(json));
    assert_eq!(section(story, "messages"), messages(json), "{start}\n{story}");
    assert_eq!(section(story, "notes"), notes(&json["function"]), "{start}\n{story}");
    let plan = &json["plan"];
    assert_eq!(plan.is_null(), json["starts"] == false, "{start}");
    if plan.is_null() {
        let problem = &json["problem"];
        let title = text(&problem["message"]).split("; ").next().unwrap();
        let ended = format!("the start would stop with exit status {}", problem["exit_status"]);
        for said in [format!("error[{}]: {title}", text(&problem["code"])), ended] {
            assert!(story.contains(&said), "{start}: no `{said}` in\n{story}");
        }
        return;
    }
    assert!(json["problem"].is_null(), "{start}");
    assert_eq!(section(story, "environment"), environment(plan), "{start}\n{story}");
    assert_eq!(section(story, "argv"), argv(plan), "{start}\n{story}");
    assert_eq!(section(story, "process"), process(plan), "{start}\n{story}");
    assert_eq!(section(story, "what did not apply"), skipped(plan), "{start}\n{story}");
    assert_eq!(story.contains("\nsidecars, "), !list(&plan["sidecars"]).is_empty(), "{start}");
    for fact in sidecars(plan) {
        assert!(whole.contains(&without_white_space(&fact)), "{start}: no `{fact}` in\n{story}");
    }
    let nothing = plan["nothing_changes"].as_str().map(|why| format!("nothing changes: {why}"));
    assert_eq!(story.contains("nothing changes: "), nothing.is_some(), "{start}");
    assert!(nothing.is_none_or(|nothing| story.contains(&nothing)), "{start}");
}
