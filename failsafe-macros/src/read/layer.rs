//! One attribute as what it says of a policy.

use super::args::{Arg, Args, Content, span_of};
use super::value::literal;
use crate::defer::Entry;
use crate::errors::Errors;
use failsafe_config::{PolicyConfig, PolicySpec, Shape, did_you_mean};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use std::collections::HashMap;
use syn::Expr;

/// The name a policy was given.
pub(crate) enum Name {
    /// `name = "svcB"`.
    Literal(String, Span),
    /// `name = SVC_B`.
    Constant(Expr),
}

/// An option that is code: what was written, and where its key stands.
pub(crate) struct Given {
    pub key: Span,
    pub content: Content,
}

impl Given {
    /// What was written after the key.
    pub(crate) fn tokens(&self) -> TokenStream {
        match &self.content {
            Content::Value(value) => value.to_token_stream(),
            Content::List(list) => list.clone(),
            Content::Nothing => TokenStream::new(),
        }
    }
}

/// One policy of a stack.
pub(crate) struct Layer {
    pub spec: &'static PolicySpec,
    /// The attribute.
    pub span: Span,
    pub name: Option<Name>,
    /// The instance it names instead of options.
    pub instance: Option<Expr>,
    /// The configuration as far as literals say it.
    pub config: Box<dyn PolicyConfig>,
    /// The rest of it: the setter of an option, and a constant expression.
    pub constants: Vec<(&'static str, Expr)>,
    /// Where each value of the configuration was written.
    pub values: HashMap<&'static str, Span>,
    /// The options that are code, in the order they were written.
    pub code: Vec<(&'static str, Given)>,
    pub map_err: Option<Given>,
    /// The options as text, for the list of declarations.
    pub text: String,
}

impl Layer {
    /// Reads one attribute; what cannot be read or judged well is a fault.
    pub(crate) fn read(spec: &'static PolicySpec, entry: &Entry, all: &mut Errors) -> Self {
        let errors = &mut Errors::default();
        let known = |key: &Ident| spec.option(&key.to_string()).is_some() || key == "name";
        let args = Args::read(&entry.args, &known, errors);
        let mut layer = Self {
            spec,
            span: entry.span,
            name: None,
            instance: None,
            config: (spec.blank)(),
            constants: Vec::new(),
            values: HashMap::new(),
            code: Vec::new(),
            map_err: None,
            text: text_of(&args),
        };
        layer.positional(&args, errors);
        let mut seen: Vec<String> = Vec::new();
        for arg in args.named {
            let key = arg.key.to_string();
            if seen.contains(&key) && arg_may_not_repeat(spec, &key) {
                errors.at(arg.key.span(), format!("`{key}` is given twice; keep one"));
            } else {
                layer.option(arg, errors);
            }
            seen.push(key);
        }
        layer.together(&seen, errors);
        all.extend(std::mem::take(errors));
        layer
    }

    /// The options that are code under one key.
    pub(crate) fn given(&self, option: &str) -> impl Iterator<Item = &Given> {
        self.code.iter().filter(move |(name, _)| *name == option).map(|(_, given)| given)
    }

    /// The one option that is code under this key.
    pub(crate) fn code(&self, option: &str) -> Option<&Given> {
        self.given(option).next()
    }

    /// Whether any condition says what a failure is.
    pub(crate) fn has_conditions(&self) -> bool {
        ["handle", "handle_if", "handle_rejected"].iter().any(|key| self.code(key).is_some())
    }

    /// Whether it only refers to options declared elsewhere under its name.
    pub(crate) fn is_reference(&self) -> bool {
        self.name.is_some() && self.values.is_empty() && !self.spec.name.eq("fallback")
    }

    fn positional(&mut self, args: &Args, errors: &mut Errors) {
        let mut written = args.positional.iter();
        let Some(first) = written.next() else { return };
        for further in written {
            errors.on(further, "an option needs a name: write `option = value`");
        }
        match (literal(first), self.spec.positional) {
            (Some(value), Some(option)) => {
                self.values.insert(option, span_of(first));
                if let Err(fault) = self.config.set(option, &value) {
                    errors.on(first, fault);
                }
            }
            (Some(_), None) => {
                let (name, example) = (self.spec.name, self.spec.options[0]);
                errors.on(
                    first,
                    format!(
                        "`{name}` takes options by name: `#[{name}({} = {})]`",
                        example.name, example.example
                    ),
                );
            }
            (None, Some(option)) if is_constant(first) && self.spec.name == "timeout" => {
                self.constant(option, Some("limit"), first.clone());
            }
            (None, _) if self.spec.name == "fallback" => {
                errors.on(
                    first,
                    "a `fallback` is written where it is used: say `value = ..`, \
                                  `with = |failure| ..` or `error = ..`",
                );
            }
            (None, _) => self.instance = Some(first.clone()),
        }
    }

    fn option(&mut self, arg: Arg, errors: &mut Errors) {
        let key = arg.key.to_string();
        match (key.as_str(), arg.content) {
            ("crate", _) => {}
            ("name", Content::Value(value)) => self.named(value, errors),
            ("map_err", content @ Content::Value(_)) => {
                self.map_err = Some(Given { key: arg.key.span(), content });
            }
            (_, content) => match self.spec.option(&key) {
                Some(option) => {
                    let arg = Arg { key: arg.key, content };
                    match option.shape {
                        Shape::Config { setter } => self.value(option.name, setter, arg, errors),
                        shape => self.coded(option.name, shape, arg, errors),
                    }
                }
                None => errors.at(arg.key.span(), unknown(self.spec, &key)),
            },
        }
    }

    fn named(&mut self, value: Expr, errors: &mut Errors) {
        match literal(&value) {
            Some(failsafe_config::Value::Text(name)) if name.trim().is_empty() => {
                errors.on(value, "the name is empty: leave it out, or write one such as \"svcB\"");
            }
            Some(failsafe_config::Value::Text(name)) if name.contains('\0') => {
                errors.on(value, "a name cannot contain the character NUL");
            }
            Some(failsafe_config::Value::Text(name)) => {
                self.name = Some(Name::Literal(name, span_of(&value)));
            }
            Some(other) => errors.on(
                value,
                format!("a name is a string such as \"svcB\", or a constant; found {other}"),
            ),
            None => self.name = Some(Name::Constant(value)),
        }
    }

    fn value(
        &mut self,
        option: &'static str,
        setter: Option<&'static str>,
        arg: Arg,
        errors: &mut Errors,
    ) {
        let example = self.spec.option(option).map_or("", |option| option.example);
        let Content::Value(value) = arg.content else {
            let message = format!("`{option}` needs a value: write `{option} = {example}`");
            return errors.at(arg.key.span(), message);
        };
        self.values.insert(option, span_of(&value));
        match literal(&value) {
            Some(written) => {
                if let Err(fault) = self.config.set(option, &written) {
                    errors.on(value, fault);
                }
            }
            None if setter.is_none() || !is_constant(&value) => errors.on(
                value,
                format!(
                    "`{option}` is fixed when the program is compiled: write a literal such as \
                     `{example}`{}",
                    if setter.is_some() { ", or name a constant" } else { "" }
                ),
            ),
            None => self.constant(option, setter, value),
        }
    }

    fn constant(&mut self, option: &'static str, setter: Option<&'static str>, value: Expr) {
        self.values.insert(option, span_of(&value));
        self.constants.push((setter.unwrap_or(option), value));
    }

    fn coded(&mut self, option: &'static str, shape: Shape, arg: Arg, errors: &mut Errors) {
        let wants_list = matches!(shape, Shape::Pattern | Shape::Kinds);
        let is_list = matches!(arg.content, Content::List(_));
        let is_nothing = matches!(arg.content, Content::Nothing);
        if is_nothing || wants_list != is_list {
            let example = self.spec.option(option).map_or("", |option| option.example);
            let form = if wants_list {
                format!("`{option}({example})`")
            } else {
                format!("`{option} = {example}`")
            };
            return errors.on(arg.tokens(), format!("`{option}` is written {form}"));
        }
        let given = Given { key: arg.key.span(), content: arg.content };
        self.code.push((option, given));
    }

    /// Judges the options of this attribute together.
    fn together(&mut self, seen: &[String], errors: &mut Errors) {
        let has = |option: &&str| seen.iter().any(|key| key == option);
        for group in self.spec.exclusive {
            let given: Vec<_> = group.iter().filter(|option| has(option)).copied().collect();
            if let [first, second, ..] = given[..] {
                let span = self.place(second);
                errors.at(span, format!("`{first}` and `{second}` exclude each other; keep one"));
            }
        }
        for (option, needs, why) in self.spec.requires {
            if has(option) && !needs.iter().any(&has) && self.instance.is_none() {
                errors.at(self.place(option), why);
            }
        }
        if let Some((options, why)) = self.spec.needs_one_of {
            let given = |option: &&str| has(option) || self.values.contains_key(*option);
            let elsewhere = self.instance.is_some() || self.is_reference();
            if !options.iter().any(given) && !elsewhere && errors.is_empty() {
                errors.at(self.span, why);
            }
        }
        if self.instance.is_some() {
            self.beside_instance(errors);
        }
        if errors.is_empty() && self.constants.is_empty() {
            if let Err(fault) = self.config.check() {
                let last = self.values.values().copied().next().unwrap_or(self.span);
                errors.at(
                    self.first_of(&["delay", "backoff", "random_delay"]).unwrap_or(last),
                    fault,
                );
            }
        }
    }

    /// What cannot stand beside an instance: it has its options from where it is declared.
    fn beside_instance(&self, errors: &mut Errors) {
        for (option, span) in &self.values {
            let message = format!(
                "`{option}` belongs to the declaration of the instance; here it can only be used"
            );
            errors.at(*span, message);
        }
        let name = match &self.name {
            Some(Name::Literal(_, span)) => Some(*span),
            Some(Name::Constant(name)) => Some(span_of(name)),
            None => None,
        };
        if let Some(span) = name {
            errors.at(span, "an instance has its name from where it is declared; remove `name`");
        }
        for option in ["key", "max_keys", "key_idle"] {
            if let Some(given) = self.code(option) {
                errors.at(
                    given.key,
                    "an instance is one, so it cannot have a `key`; give a `name` \
                                      and the options here instead",
                );
            }
        }
    }

    /// Where the first of these options has its value.
    fn first_of(&self, options: &[&str]) -> Option<Span> {
        options.iter().find_map(|option| self.values.get(option).copied())
    }

    /// Where an option stands.
    pub(crate) fn place(&self, option: &str) -> Span {
        let value = self.values.get(option).copied();
        value.or_else(|| self.code(option).map(|given| given.key)).unwrap_or(self.span)
    }
}

/// Whether an option may be written once only; conditions and listeners add up.
fn arg_may_not_repeat(spec: &PolicySpec, key: &str) -> bool {
    spec.option(key).is_none_or(|option| {
        let adds_up = matches!(option.shape, Shape::Pattern | Shape::Kinds | Shape::Listener)
            || key.ends_with("_if");
        !adds_up
    })
}

fn unknown(spec: &PolicySpec, key: &str) -> String {
    let options = spec.options.iter().map(|option| option.name).chain(["name", "map_err", "crate"]);
    let hint = did_you_mean(key, "options", options);
    format!("unknown option `{key}` of `{}`; {hint}", spec.name)
}

/// Whether an expression can name a constant: not a closure, block or call of a method.
fn is_constant(expression: &Expr) -> bool {
    match expression {
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.chars().any(char::is_uppercase) && !name.chars().any(char::is_lowercase)
        }),
        Expr::Group(group) => is_constant(&group.expr),
        Expr::Paren(_) | Expr::Call(_) | Expr::Binary(_) | Expr::Const(_) | Expr::Macro(_) => true,
        _ => false,
    }
}

/// The options as they were written, with spaces where people put them.
fn text_of(args: &Args) -> String {
    let positional = args.positional.iter().map(|value| tidy(&value.to_token_stream()));
    let named = args.named.iter().filter(|arg| arg.key != "crate").map(|arg| match &arg.content {
        Content::Value(value) => format!("{} = {}", arg.key, tidy(&value.to_token_stream())),
        Content::List(list) => format!("{}({})", arg.key, tidy(list)),
        Content::Nothing => arg.key.to_string(),
    });
    positional.chain(named).collect::<Vec<_>>().join(", ")
}

fn tidy(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    text.replace(" :: ", "::").replace(" (", "(").replace("( ", "(").replace(" )", ")")
}
