//! The argv and its edits.
//!
//! Inside a rule: remove, replace, values, options, append, command, through. All but `through` act on the runtime's own
//! argv and never on its first element.

use super::Planner;
use super::expand::{Pattern, matches, shown};
use super::list::same_option;
use crate::detect;
use crate::problem::{Code, Origin, Problem, ProfileId, Span, printable};
use crate::profile::template::{Part as TemplatePart, Template};
use crate::profile::{Args, FlagEdit, FlagOperation, Spanned};
use crate::runtime::Family;
use crate::start::Start;

/// An argv in the making.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Argv {
    /// Programs that the runtime is run through, with their arguments, the outermost first.
    pub through: Vec<Argument>,
    /// The interpreter and its arguments.
    pub own: Vec<Argument>,
    /// Arguments that were dropped or replaced, and where that was asked for.
    pub dropped: Vec<(Vec<u8>, Origin)>,
    /// A profile gave the whole argv.
    given: bool,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its bytes.
    pub text: Vec<u8>,
    /// The line of a profile that put it there, `None` for Lambda's own.
    pub origin: Option<Origin>,
    /// How a message writes it where its text has values of variables in it.
    pub template: Option<String>,
    part: Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Lambda's, or from `args.command`.
    Own,
    /// The handler, in an argv that carries it.
    Handler,
    /// From `args.options`.
    Option,
}

impl Argv {
    pub(super) fn new(start: &Start<'_>) -> Argv {
        let handler = detect::handler_position(start);
        let argument = |(position, text): (usize, &std::borrow::Cow<'_, std::ffi::CStr>)| Argument {
            text: text.to_bytes().to_vec(),
            origin: None,
            template: None,
            part: if Some(position) == handler { Part::Handler } else { Part::Own },
        };
        let own: Vec<Argument> = start.argv.iter().enumerate().map(argument).collect();
        Argv { own, ..Argv::default() }
    }

    /// All arguments in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Argument> {
        self.through.iter().chain(&self.own)
    }

    pub(super) fn handler(&self) -> Option<&Argument> {
        self.own.iter().find(|argument| argument.part == Part::Handler)
    }

    pub(super) fn handler_mut(&mut self) -> Option<&mut Argument> {
        self.own.iter_mut().find(|argument| argument.part == Part::Handler)
    }

    /// Whether these options stand there already, as one run.
    fn has_run(&self, options: &[Argument]) -> bool {
        let same = |(there, new): (&Argument, &Argument)| same_option(&there.text, &new.text);
        let is_run = |run: &[Argument]| run.iter().zip(options).all(same);
        self.own.get(1..).is_some_and(|arguments| arguments.windows(options.len()).any(is_run))
    }

    fn insert_options(&mut self, options: Vec<Argument>) {
        let after_program = match self.own.get(1) {
            // `dotnet exec` takes the host's options behind `exec`.
            Some(second) if second.text == b"exec" && is_dotnet(&self.own[0].text) => 2,
            _ => 1,
        };
        let earlier = self.own[after_program..].iter().take_while(|argument| argument.part == Part::Option).count();
        let at = after_program + earlier;
        self.own.splice(at..at, options);
    }
}

fn is_dotnet(program: &[u8]) -> bool {
    crate::start::base_name(program) == Family::Dotnet.name().as_bytes()
}

impl<'p> Planner<'p, '_> {
    /// `redirected`: the rule has a handler redirect, which `remove` and `replace` do not see.
    pub(super) fn args(&mut self, id: ProfileId, args: &'p Args, redirected: bool) -> Result<(), Problem> {
        self.remove_and_replace(id, args, redirected);
        for edit in &args.values {
            self.flag(id, edit)?;
        }
        if let Some(first) = args.options.first()
            && let Some(options) = self.arguments(id, &args.options, Part::Option)
        {
            self.options(id, first.span, options);
        }
        if let Some(arguments) = self.arguments(id, &args.append, Part::Own) {
            self.state.argv.own.extend(arguments);
        }
        if let Some(command) = &args.command {
            self.command(id, command)?;
        }
        if let Some(through) = &args.through {
            self.through(id, through)?;
        }
        Ok(())
    }

    /// The arguments of an array belong together, as `-classpath` and its value do: `None` when nothing is left of one
    /// because its variables are missing.
    fn arguments(&self, profile: ProfileId, templates: &[Spanned<Template>], part: Part) -> Option<Vec<Argument>> {
        let whole = |template: &Spanned<Template>| {
            let argument = self.argument(profile, template.span, &template.value, part);
            (!argument.text.is_empty()).then_some(argument)
        };
        templates.iter().map(whole).collect()
    }

    fn argument(&self, profile: ProfileId, span: Span, template: &Template, part: Part) -> Argument {
        Argument {
            text: self.text(profile, template),
            origin: Some(Origin { profile, span }),
            template: template.literal().is_none().then(|| shown(template)),
            part,
        }
    }

    fn remove_and_replace(&mut self, profile: ProfileId, args: &Args, redirected: bool) {
        if args.remove.is_empty() && args.replace.is_empty() {
            return;
        }
        let mut globs = Vec::new();
        for template in &args.remove {
            let Some(glob) = self.glob(profile, &template.value) else { continue };
            if glob.contains(&Pattern::Many) && glob.iter().all(|pattern| !matches!(pattern, Pattern::Byte(_))) {
                let text = "nothing but wildcards is left of the glob, so it would drop every argument; it is ignored";
                self.warn(Code::BadValue, profile, template.span, text);
                continue;
            }
            globs.push((template.span, glob));
        }
        let renames: Vec<_> = args
            .replace
            .iter()
            .filter_map(|(old, new)| Some((old.span, self.whole(profile, &old.value)?, self.text(profile, new))))
            .collect();
        let Argv { own, dropped, .. } = &mut self.state.argv;
        let mut position = 0;
        own.retain_mut(|argument| {
            position += 1;
            if position == 1 || (redirected && argument.part == Part::Handler) {
                return true;
            }
            if let Some((span, _)) = globs.iter().find(|(_, glob)| matches(glob, &argument.text)) {
                dropped.push((std::mem::take(&mut argument.text), Origin { profile, span: *span }));
                return false;
            }
            if let Some((span, _, new)) = renames.iter().find(|(_, old, _)| *old == argument.text) {
                let origin = Origin { profile, span: *span };
                dropped.push((std::mem::replace(&mut argument.text, new.clone()), origin));
                argument.origin = Some(origin);
            }
            true
        });
    }

    fn options(&mut self, profile: ProfileId, span: Span, options: Vec<Argument>) {
        let argv = &self.state.argv;
        if argv.has_run(&options) {
            return;
        }
        if argv.own.len() > 1 && (argv.given || self.runtime().0.family != Some(Family::Provided)) {
            self.state.argv.insert_options(options);
        } else {
            let text = "there is no interpreter here that could take options: argv is the function's own program";
            self.warn(Code::NoInterpreter, profile, span, text);
        }
    }

    fn flag(&mut self, profile: ProfileId, edit: &'p FlagEdit) -> Result<(), Problem> {
        let origin = Origin { profile, span: edit.span };
        let Some(place) = self.find_flag(&edit.flag) else {
            match &edit.operation {
                FlagOperation::Set(value) => {
                    if let Some(value) = self.value(profile, edit.span, value)? {
                        let part = Part::Option;
                        let texts = if takes_equals(&edit.flag) {
                            vec![[&edit.flag, &b"="[..], &value].concat()]
                        } else {
                            vec![edit.flag.clone(), value]
                        };
                        let argument = |text| Argument { text, origin: Some(origin), template: None, part };
                        let options = texts.into_iter().map(argument).collect();
                        self.options(profile, edit.span, options);
                    }
                }
                FlagOperation::Unset => {}
                FlagOperation::Extend(_) => {
                    let text = format!("argv has no `{}` whose value could be added to", printable(&edit.flag));
                    self.warn(Code::FlagAbsent, profile, edit.span, text);
                }
            }
            return Ok(());
        };
        match &edit.operation {
            FlagOperation::Set(value) => {
                if let Some(value) = self.value(profile, edit.span, value)? {
                    self.write_flag(&edit.flag, place, value, origin);
                }
            }
            FlagOperation::Extend(extend) => {
                let old = self.state.argv.own[place.value].text[place.from..].to_vec();
                if let Some(value) = self.extend(profile, edit.span, &edit.flag, &old, extend)? {
                    self.write_flag(&edit.flag, place, value, origin);
                }
            }
            FlagOperation::Unset => {
                while let Some(place) = self.find_flag(&edit.flag) {
                    for argument in self.state.argv.own.drain(place.first..=place.value) {
                        self.state.argv.dropped.push((argument.text, origin));
                    }
                }
            }
        }
        Ok(())
    }

    /// The last flag of that name, since it is the one that counts.
    fn find_flag(&self, flag: &[u8]) -> Option<FlagPlace> {
        let own = &self.state.argv.own;
        (1..own.len()).rev().find_map(|position| {
            let text = &own[position].text;
            if text == flag && position + 1 < own.len() {
                return Some(FlagPlace { first: position, value: position + 1, from: 0 });
            }
            let behind = text.strip_prefix(flag)?;
            behind.starts_with(b"=").then_some(FlagPlace { first: position, value: position, from: flag.len() + 1 })
        })
    }

    fn write_flag(&mut self, flag: &[u8], place: FlagPlace, value: Vec<u8>, origin: Origin) {
        let argument = &mut self.state.argv.own[place.value];
        let text = if place.from > 0 { [flag, b"=", &value].concat() } else { value };
        if argument.text != text {
            let old = std::mem::replace(&mut argument.text, text);
            argument.origin = Some(origin);
            self.state.argv.dropped.push((old, origin));
        }
    }

    fn command(&mut self, profile: ProfileId, command: &Spanned<Vec<Template>>) -> Result<(), Problem> {
        let origin = Origin { profile, span: command.span };
        let mut words = Vec::new();
        for word in &command.value {
            match &word.parts[..] {
                [TemplatePart::Interpreter] => words.extend(self.state.argv.own.first().cloned()),
                [TemplatePart::Arguments] => words.extend_from_slice(self.state.argv.own.get(1..).unwrap_or_default()),
                _ => words.push(self.argument(profile, command.span, word, Part::Own)),
            }
        }
        // A program whose variables are all missing is gone, and what follows is not the program that was meant.
        if command.value[0].parts[..] != [TemplatePart::Interpreter] {
            self.absolute(&self.text(profile, &command.value[0]), origin)?;
        }
        self.state.argv.given = true;
        let old = std::mem::replace(&mut self.state.argv.own, words);
        let now = &self.state.argv.own;
        let gone: Vec<_> = old.into_iter().filter(|old| !now.contains(old)).map(|old| (old.text, origin)).collect();
        self.state.argv.dropped.extend(gone);
        Ok(())
    }

    fn through(&mut self, profile: ProfileId, through: &Spanned<Vec<Template>>) -> Result<(), Problem> {
        let origin = Origin { profile, span: through.span };
        let program = &self.text(profile, &through.value[0]);
        self.absolute(program, origin)?;
        let word = |word: &Template| self.argument(profile, through.span, word, Part::Own);
        let words: Vec<Argument> = through.value.iter().map(word).collect();
        let own = self.start.own.to_bytes();
        if program == own || Some(&program[..]) == self.start.env.filled(b"AWS_LAMBDA_EXEC_WRAPPER") {
            let message = format!("`args.through` names forerun itself: `{}`", shown(&through.value[0]));
            return Err(Problem::at(Code::ThroughItself, origin, message)
                .help("name the other wrapper, or use `include` to apply another profile"));
        }
        self.state.argv.through.splice(0..0, words);
        Ok(())
    }
}

/// Where a flag and its value stand.
#[derive(Clone, Copy)]
struct FlagPlace {
    first: usize,
    value: usize,
    /// Where the value begins in its argument.
    from: usize,
}

/// Whether a flag that is added is written with `=`: `--x=v`, `-Dx=v` and `-XX:x=v`, but `-classpath v`.
fn takes_equals(flag: &[u8]) -> bool {
    [&b"--"[..], b"-D", b"-XX:"].iter().any(|prefix| flag.starts_with(prefix))
}
