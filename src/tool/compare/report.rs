//! What `compare` says to a person.

use super::class::Kind;
use super::difference::{Aspect, Seen};
use super::summary::{Group, Reason, Summary};
use crate::problem::printable;
use crate::tool::layout::{counted, length, pad, wrap_words};
use crate::tool::paint::Paint;
use crate::tool::story::WIDTH;
use crate::tool::trial::outcome::Ending;

/// The room in front of a value.
const INDENT: usize = 13;

/// The report. `again` is the command line that runs one start again, without its number.
pub(super) fn text(summary: &Summary<'_>, again: &str, paint: Paint) -> String {
    let mut text = headline(summary, paint);
    text.push_str(&reasons(summary, Kind::Defect, "what the script does wrong", paint));
    text.push_str(&reasons(summary, Kind::Otherwise, "what forerun does otherwise", paint));
    text.push_str(&reasons(summary, Kind::Choice, "what was accepted", paint));
    if !summary.groups.is_empty() {
        text.push_str(&format!("\n{}\n", paint.strong("what has no reason")));
        let groups: Vec<String> = summary.groups.iter().map(|group| unexplained(group, again, paint)).collect();
        text.push_str(&groups.join("\n"));
    }
    text
}

fn headline(summary: &Summary<'_>, paint: Paint) -> String {
    let mut parts = Vec::new();
    if summary.same > 0 {
        parts.push(paint.green(format!("the same on {}", summary.same)));
    }
    if summary.explained > 0 {
        parts.push(paint.yellow(format!("different for a reason on {}", summary.explained)));
    }
    if summary.unexplained > 0 {
        parts.push(paint.red(format!("different without one on {}", summary.unexplained)));
    }
    let mut text = format!("{}: {}\n", counted(summary.starts, "start"), parts.join(", "));
    if summary.left_out > 0 {
        let hung = format!("{} left out: the script hung again and again", counted(summary.left_out, "more start"));
        text.push_str(&format!("{}\n", paint.red(hung)));
    }
    text
}

fn reasons(summary: &Summary<'_>, kind: Kind, title: &str, paint: Paint) -> String {
    let rows: Vec<&Reason<'_>> = summary.reasons.iter().filter(|reason| reason.class.facts().kind == kind).collect();
    if rows.is_empty() {
        return String::new();
    }
    let widest = rows.iter().map(|reason| length(reason.class.id())).max().unwrap_or(0);
    let mut text = format!("\n{}\n", paint.strong(title));
    for reason in rows {
        let mut lines = wrap_words(reason.class.facts().about, WIDTH - widest - 4);
        let places: Vec<String> = reason.aspects.iter().map(|aspect| named(aspect)).collect();
        let mut named = format!("in {}", places[..places.len().min(3)].join(", "));
        if places.len() > 3 {
            named.push_str(&format!(" and {} more", places.len() - 3));
        }
        let starts = format!("{}, as in #{}", counted(reason.starts, "start"), reason.example.number);
        let found = wrap_words(&format!("{named}; {starts}"), WIDTH - widest - 4);
        lines.extend(found.iter().map(|line| paint.faint(line)));
        for (number, line) in lines.iter().enumerate() {
            let head = if number == 0 { paint.yellow(pad(reason.class.id(), widest)) } else { pad("", widest) };
            text.push_str(format!("  {head}  {line}").trim_end());
            text.push('\n');
        }
    }
    text
}

/// A difference with both values, and how to see it again.
fn unexplained(group: &Group<'_>, again: &str, paint: Paint) -> String {
    let difference = group.difference;
    let what = match (&difference.aspect, &difference.script, &difference.profile) {
        (Aspect::Output, _, Seen::Nothing) => "a line that only the script writes".to_owned(),
        (Aspect::Output, ..) => "a line that only forerun writes".to_owned(),
        (aspect, ..) => named(aspect),
    };
    let title = paint.red(format!("{}: {what}", difference.aspect.dimension()));
    let mut text = format!("  {title}, on {}\n", counted(group.starts, "start"));
    for (number, line) in group.example.described.iter().enumerate() {
        let head = if number == 0 { format!("#{}", group.example.number) } else { String::new() };
        for line in wrap_words(line, WIDTH - INDENT) {
            text.push_str(&format!("    {}{line}\n", pad(&head, INDENT - 4)));
        }
    }
    let [script, profile, mark] = aligned(&difference.script, &difference.profile);
    text.push_str(&format!("    script   {script}\n    profile  {profile}\n"));
    if !mark.is_empty() {
        text.push_str(&format!("             {}\n", paint.red(mark)));
    }
    if let Some(choice) = difference.choice {
        let about = format!("{}; if that is right: --accept {}", choice.facts().about, choice.id());
        for line in wrap_words(&about, WIDTH - 4) {
            text.push_str(&format!("    {line}\n"));
        }
    }
    text.push_str(&format!("    {}\n", paint.faint(format!("{again} --only {}", group.example.number))));
    text
}

/// What a difference is about, in a word or two.
pub(super) fn named(aspect: &Aspect) -> String {
    match aspect {
        Aspect::Start => "the start".into(),
        Aspect::Variable(name) => printable(name),
        Aspect::Argv => "argv".into(),
        Aspect::Status => "the exit status".into(),
        Aspect::Output => "the log".into(),
        Aspect::Process(what) => format!("the {what}"),
    }
}

/// What was seen of both, one above the other, and a mark where they begin to differ.
fn aligned(script: &Seen, profile: &Seen) -> [String; 3] {
    let both = [script, profile];
    let (script, profile) = match (script, profile) {
        (Seen::Words(one), Seen::Words(other)) => {
            let same = one.iter().zip(other).take_while(|(one, other)| one == other).count();
            // The argument in front tells where this is.
            let from = same.saturating_sub(1);
            (words(one, from), words(other, from))
        }
        (one, other) => (seen(one), seen(other)),
    };
    let (one, other): (Vec<char>, Vec<char>) = (script.chars().collect(), profile.chars().collect());
    let same = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let room = WIDTH - INDENT;
    // The difference stands in the middle of the line, when the values are long.
    let from = if one.len().max(other.len()) <= room { 0 } else { same.saturating_sub(room / 3) };
    let cut = |text: &[char]| {
        let rest: String = text.get(from..).unwrap_or_default().iter().collect();
        let front = if from > 0 { "…" } else { "" };
        let whole = format!("{front}{rest}");
        if length(&whole) <= room { whole } else { whole.chars().take(room - 1).chain(['…']).collect() }
    };
    // Where nothing is alike the eye needs no help.
    let is_value = |seen: &Seen| matches!(seen, Seen::Bytes(_) | Seen::Words(_));
    let mark = if same == 0 || !both.iter().all(|seen| is_value(seen)) {
        String::new()
    } else {
        " ".repeat(same - from + usize::from(from > 0)) + "^"
    };
    [cut(&one), cut(&other), mark]
}

fn words(words: &[Vec<u8>], from: usize) -> String {
    let shown = words[from..].iter().map(|word| format!("\"{}\"", printable(word)));
    let shown: Vec<String> = shown.collect();
    format!("[{from}] {}", shown.join(" "))
}

fn seen(seen: &Seen) -> String {
    match seen {
        Seen::Nothing => "(nothing)".into(),
        Seen::Bytes(value) if value.is_empty() => "(empty)".into(),
        Seen::Bytes(value) => printable(value),
        Seen::Words(all) => words(all, 0),
        Seen::Ending(ending) => ended(*ending),
        Seen::Text(text) => text.clone(),
    }
}

/// How a process ended, in words.
pub(super) fn ended(ending: Ending) -> String {
    match ending {
        Ending::Exited(status) => format!("exit status {status}"),
        Ending::Killed(signal) => format!("ended by signal {signal}"),
        Ending::Hung => "did not end in time".into(),
    }
}
