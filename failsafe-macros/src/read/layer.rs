//! One attribute as what it says of a policy.

use super::args::{Arg, Args, Content, Words, span_of};
use super::bound;
use super::pattern;
use super::value::{WORDS, is_constant, literal};
use crate::defer::Entry;
use crate::errors::Errors;
use failsafe_config::{PolicyConfig, PolicySpec, Shape, Value, nearest};
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
    /// The attribute, as the place of a fault.
    pub span: Span,
    /// The attribute, as the place of generated code.
    pub site: Span,
    /// Whether it is a default of what the function is in.
    pub is_default: bool,
    /// Whether it stands with the others: neither a default nor in a stack of its own.
    pub is_own: bool,
    pub name: Option<Name>,
    /// The instance it names instead of options.
    pub instance: Option<Expr>,
    /// The configuration as far as literals say it.
    pub config: Box<dyn PolicyConfig>,
    /// The rest of it: the setter of an option, and a constant expression.
    pub constants: Vec<(&'static str, Expr)>,
    /// Where each value of the configuration was written.
    pub values: HashMap<&'static str, Span>,
    /// The options in the order they were written, and where their names stand.
    pub keys: Vec<(String, Span)>,
    /// The options that are code, in the order they were written.
    pub code: Vec<(&'static str, Given)>,
    pub map_err: Option<Given>,
    /// The options as text, for the list of declarations.
    pub text: String,
    /// Whether something is wrong with it by itself; what seems to be missing may be there, misspelt.
    pub is_faulty: bool,
}

impl Layer {
    /// Reads one attribute; what cannot be read or judged well is a fault.
    pub(crate) fn read(spec: &'static PolicySpec, entry: &Entry, all: &mut Errors) -> Self {
        let errors = &mut Errors::default();
        let words = Words {
            is_option: &|word| spec.option(word).is_some() || COMMON.contains(&word),
            is_near_option: &|word| {
                let meant = nearest(word, names(spec));
                meant.is_some_and(|meant| !word.contains('_') || meant.contains('_'))
            },
        };
        let args = Args::read(&entry.args, &words, errors);
        let mut layer = Self {
            spec,
            span: entry.place,
            site: entry.span,
            is_default: entry.origin.is_default,
            is_own: !entry.origin.is_default && entry.origin.site.is_empty(),
            name: None,
            instance: None,
            config: (spec.blank)(),
            constants: Vec::new(),
            values: HashMap::new(),
            keys: Vec::new(),
            code: Vec::new(),
            map_err: None,
            text: args.text(),
            is_faulty: false,
        };
        layer.positional(&args, errors);
        for arg in args.named {
            let (key, place) = (arg.key.to_string(), arg.key.span());
            if layer.key(&key).is_some() && arg_may_not_repeat(spec, &key) {
                errors.at(place, format!("`{key}` is given twice; keep one"));
            } else {
                layer.option(arg, errors);
            }
            layer.keys.push((key, place));
        }
        layer.together(errors);
        layer.is_faulty = !errors.is_empty();
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

    /// The kinds of rejections that conditions name.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &Given> {
        let of_kinds = |option: &str| {
            self.spec.option(option).is_some_and(|option| option.shape == Shape::Kinds)
        };
        self.code.iter().filter(move |(option, _)| of_kinds(option)).map(|(_, given)| given)
    }

    /// Whether any condition says what a failure is.
    pub(crate) fn has_conditions(&self) -> bool {
        ["handle", "handle_if", "handle_rejected"].iter().any(|key| self.code(key).is_some())
    }

    /// Whether it has no code but for these options.
    pub(crate) fn says_nothing_but(&self, options: &[&str]) -> bool {
        self.code.iter().all(|(option, _)| options.contains(option))
    }

    /// Whether it only refers to options declared elsewhere under its name.
    pub(crate) fn is_reference(&self) -> bool {
        let declares = |(option, _): &(&str, Given)| self.spec.is_declared_by(option);
        // A policy without values has nothing to refer to.
        let has_values = self.spec.options.iter().any(failsafe_config::OptionSpec::is_config);
        let says_nothing = self.values.is_empty() && !self.code.iter().any(declares);
        self.name.is_some() && has_values && says_nothing
    }

    /// Whether all of its configuration is written here, in literals.
    pub(crate) fn is_known(&self) -> bool {
        self.constants.is_empty() && self.instance.is_none() && !self.is_reference()
    }

    /// Whether its `key` is that of an instance, and there is one.
    pub(crate) fn has_instance_for_each_key(&self) -> bool {
        self.spec.has_keys() && self.key("key").is_some()
    }

    fn positional(&mut self, args: &Args, errors: &mut Errors) {
        let mut written = args.positional.iter();
        let Some(first) = written.next() else { return };
        for further in written {
            errors.on(further, self.nameless(further));
        }
        match (literal(first), self.spec.positional) {
            (Some(value), Some(option)) => {
                self.values.insert(option, span_of(first));
                self.keys.push((option.to_owned(), span_of(first)));
                if let Err(fault) = self.config.set(option, &value) {
                    errors.on(first, fault);
                }
            }
            (Some(_), None) => errors.on(first, self.nameless(first)),
            // An instance without state has nothing to share: the constant is the value.
            (None, Some(option)) if is_constant(first) && !self.spec.stateful => {
                self.keys.push((option.to_owned(), span_of(first)));
                self.constant(option, Some(option), first.clone());
            }
            (None, _) => match self.spec.needs_one_of {
                // There are no instances of it.
                Some((_, why)) if self.spec.answers() => errors.on(first, why),
                _ => self.instance = Some(first.clone()),
            },
        }
    }

    /// What to say of a value without its option's name.
    fn nameless(&self, value: &Expr) -> String {
        let spec = self.spec;
        match literal(value) {
            Some(Value::Text(_)) if spec.stateful => {
                let value = value.to_token_stream();
                format!("an option is written with its name: `name = {value}`")
            }
            Some(Value::Word(word)) => {
                let takes =
                    |option: &&str| (spec.blank)().set(option, &Value::Word(word.clone())).is_ok();
                let mut options = spec.options.iter().filter(|option| option.is_config());
                let option = options.find(|option| takes(&option.name));
                let option = option.map_or("option", |option| option.name);
                format!("an option is written with its name: `{option} = {word}`")
            }
            None => format!(
                "only the first value can be without a name: write `option = ..`, or a second `{}` \
                 for a second instance",
                spec.name
            ),
            _ if spec.positional.is_some() => {
                let name = spec.name;
                format!("a `{name}` has one value without a name; remove this one")
            }
            _ => {
                let (policy, option) = (spec.name, spec.options[0]);
                let (name, value) = (option.name, option.example);
                format!("an option is written with its name, such as `{policy}({name} = {value})`")
            }
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
            ("name", _) => errors.at(arg.key.span(), "`name` is written `name = \"svcB\"`"),
            ("map_err", _) => {
                errors.at(arg.key.span(), "`map_err` is written `map_err = |rejected| ..`");
            }
            (_, content) => match self.spec.option(&key) {
                Some(option) => {
                    let arg = Arg { key: arg.key, content };
                    match option.shape {
                        Shape::Config { setter } => self.value(option.name, setter, arg, errors),
                        Shape::Flag => self.flag(option.name, &arg, errors),
                        shape => self.coded(option.name, shape, arg, errors),
                    }
                }
                None => errors.at(arg.key.span(), unknown(self.spec, &key)),
            },
        }
    }

    fn named(&mut self, value: Expr, errors: &mut Errors) {
        match literal(&value) {
            Some(Value::Text(name)) if name.trim().is_empty() => {
                errors.on(value, "the name is empty: leave it out, or write one such as \"svcB\"");
            }
            Some(Value::Text(name)) if name.contains('\0') => {
                errors.on(value, "a name cannot contain the character NUL");
            }
            Some(Value::Text(name)) => {
                self.name = Some(Name::Literal(name, span_of(&value)));
            }
            Some(other) => errors.on(
                value,
                format!("a name is a string such as \"svcB\", or a constant; found {other}"),
            ),
            None if is_constant(&value) => self.name = Some(Name::Constant(value)),
            None => errors.on(
                value,
                "a name is fixed when the program is compiled: write a string or name a constant; \
                 for one instance per value write `key = ..`",
            ),
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
            None if setter.is_none() || !is_constant(&value) => {
                errors.on(&value, self.no_constant(option, setter, &value, example));
            }
            None => self.constant(option, setter, value),
        }
    }

    /// A word that stands for itself.
    fn flag(&mut self, option: &'static str, arg: &Arg, errors: &mut Errors) {
        self.values.insert(option, arg.key.span());
        match arg.content {
            Content::Nothing => {
                if let Err(fault) = self.config.set(option, &Value::Bool(true)) {
                    errors.at(arg.key.span(), fault);
                }
            }
            _ => errors.at(
                arg.key.span(),
                format!("`{option}` has no value: write `{option}`, or remove it"),
            ),
        }
    }

    /// What to say of a value that is neither a literal nor a constant.
    fn no_constant(
        &self,
        option: &str,
        setter: Option<&str>,
        value: &Expr,
        example: &str,
    ) -> String {
        let takes =
            |word: &&str| (self.spec.blank)().set(option, &Value::Word((*word).to_owned())).is_ok();
        let words: Vec<_> = WORDS.into_iter().filter(takes).collect();
        let written = match value {
            Expr::Path(path) => path.path.get_ident().map(Ident::to_string),
            _ => None,
        };
        let meant = written.as_ref().and_then(|word| nearest(word, words.iter().copied()));
        if let (Some(word), Some(meant)) = (written, meant) {
            return format!("`{option}` cannot be `{word}`; did you mean `{meant}`?");
        }
        let word = words.first().map_or_else(String::new, |word| format!(", write `{word}`"));
        let constant = if setter.is_some() { ", or name a constant" } else { "" };
        format!(
            "`{option}` is fixed when the program is compiled: write a literal such as \
             `{example}`{word}{constant}"
        )
    }

    fn constant(&mut self, option: &'static str, setter: Option<&'static str>, value: Expr) {
        self.values.insert(option, span_of(&value));
        self.constants.push((setter.unwrap_or(option), value));
    }

    fn coded(&mut self, option: &'static str, shape: Shape, arg: Arg, errors: &mut Errors) {
        let key = arg.key.span();
        let content = match (shape, arg.content) {
            (Shape::Pattern, Content::List(pattern)) => {
                if let Err(error) = pattern::check(option, key, &pattern) {
                    return errors.add(error);
                }
                Content::List(pattern)
            }
            (Shape::Kinds, content @ Content::List(_)) => content,
            (Shape::Pattern | Shape::Kinds, _) => return errors.at(key, self.form(option, true)),
            (_, Content::Value(value)) => match bound::judge(self.spec, option, shape, &value) {
                Ok(()) => Content::Value(value),
                Err(fault) => return errors.on(value, fault),
            },
            _ => return errors.at(key, self.form(option, false)),
        };
        self.code.push((option, Given { key, content }));
    }

    /// How an option is written.
    fn form(&self, option: &str, as_list: bool) -> String {
        let example = self.spec.option(option).map_or("", |option| option.example);
        if as_list {
            format!("`{option}` is written `{option}({example})`")
        } else {
            format!("`{option}` is written `{option} = {example}`")
        }
    }

    /// Judges the options of this attribute together.
    fn together(&mut self, errors: &mut Errors) {
        let has = |option: &&str| self.key(option).is_some();
        for group in self.spec.exclusive {
            let given = self.keys.iter().filter(|(key, _)| group.contains(&key.as_str()));
            let mut names: Vec<_> = given.clone().map(|(key, _)| key.as_str()).collect();
            names.dedup();
            if let ([_, second, ..], [_, _, ..]) = (&given.collect::<Vec<_>>()[..], &names[..]) {
                errors.at(second.1, PolicySpec::excluding(&names));
            }
        }
        // What is missing may be there, misspelt.
        let known = |key: &str| self.spec.option(key).is_some() || COMMON.contains(&key);
        let all_known = self.keys.iter().all(|(key, _)| known(key));
        for (option, needs, why) in self.spec.requires {
            let place = self.key(option).filter(|_| self.instance.is_none() && all_known);
            if let (Some(place), false) = (place, needs.iter().any(has)) {
                errors.at(place, why);
            }
        }
        if let Some((options, why)) = self.spec.needs_one_of {
            let elsewhere = self.instance.is_some() || self.is_reference();
            if !options.iter().any(has) && !elsewhere && errors.is_empty() {
                errors.at(self.span, why);
            }
        }
        if self.instance.is_some() {
            self.beside_instance(errors);
        }
        if errors.is_empty() && self.constants.is_empty() {
            if let Err(fault) = self.config.check() {
                let blamed = [
                    "delay",
                    "backoff",
                    "random_delay",
                    "queue",
                    "permits",
                    "initial",
                    "min_limit_factor",
                ];
                errors.at(self.first_of(&blamed).unwrap_or(self.span), fault);
            }
        }
    }

    /// What cannot stand beside an instance: it has its options from where it is declared.
    fn beside_instance(&self, errors: &mut Errors) {
        for (key, span) in &self.keys {
            let message = match key.as_str() {
                key if self.spec.is_about_keys(key) => {
                    "an instance is one for all keys: remove this, or write the options here \
                     instead of the instance"
                        .to_owned()
                }
                key if key == "name" || self.values.contains_key(key) => {
                    format!("`{key}` is told to the instance where it is declared; remove it here")
                }
                _ => continue,
            };
            errors.at(*span, message);
        }
    }

    /// Where the first of these options has its value.
    fn first_of(&self, options: &[&str]) -> Option<Span> {
        options.iter().find_map(|option| self.values.get(option).copied())
    }

    /// Where the name of an option stands, if it was written.
    pub(crate) fn key(&self, option: &str) -> Option<Span> {
        self.keys.iter().find(|(key, _)| key == option).map(|(_, span)| *span)
    }
}

/// Options of every policy that are not in its table.
const COMMON: [&str; 3] = ["name", "map_err", "crate"];

/// The options of a policy.
fn names(spec: &PolicySpec) -> impl Iterator<Item = &'static str> + Clone {
    spec.options.iter().map(|option| option.name).chain(COMMON)
}

/// Whether an option may be written once only; conditions and listeners add up.
fn arg_may_not_repeat(spec: &PolicySpec, key: &str) -> bool {
    let adds_up = |shape| matches!(shape, Shape::Pattern | Shape::Kinds | Shape::Listener);
    spec.option(key).is_none_or(|option| !(adds_up(option.shape) || key.ends_with("_if")))
}

fn unknown(spec: &'static PolicySpec, key: &str) -> String {
    spec.unknown_option(key, names(spec))
}
