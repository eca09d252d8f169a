//! From the section `stacks` of a file to what it defines.

use super::read::Reader;
use super::rule::{self, Target};
use super::stacks::{Layer, Lost, Own, Written, key, unfit};
use super::tree::{Element, Item, Node};
use crate::overrides::shown;
use crate::site::declarations;
use failsafe_config::{PolicySpec, Value, did_you_mean};

/// The section of the stacks.
pub(super) const STACKS: &str = "stacks";
/// What a stack says.
const POLICIES: &str = "policies";

/// A policy that a stack names or defines, before its options are read.
type Kind = Result<&'static PolicySpec, String>;

impl Reader<'_> {
    pub(super) fn stacks(&mut self, section: &Item) {
        let Node::Table(stacks) = &section.node else {
            self.lose_within(STACKS, &section.node);
            self.fault(section.value_at, "`stacks` is a section: write `[stacks.payments]`");
            return;
        };
        for item in stacks {
            let name = key(&item.key);
            if item.key.is_empty() || item.key.contains('*') {
                self.fault(item.key_at, "a stack has a name of its own, without `*`");
            }
            if let Node::Table(keys) = &item.node {
                self.stack(item, keys);
                continue;
            }
            self.lose_all(&item.key, item);
            self.fault(
                item.value_at,
                format!(
                    "a stack is a section: write `[stacks.{name}]`, and in it `policies = [..]`"
                ),
            );
        }
    }

    /// A section that is no policy: it may be that of the stacks, misspelt.
    pub(super) fn lose_stacks(&mut self, section: &Item) {
        if !holds_array(&section.node) {
            return;
        }
        // `[stacksshop]` for `[stacks.shop]`.
        for word in [STACKS, "stack"] {
            let name = section.key.strip_prefix(word).unwrap_or_default();
            self.lose_within(name, &section.node);
        }
    }

    /// What may be meant as a stack in another form: whatever is written in it may be a name.
    fn lose_within(&mut self, stack: &str, node: &Node) {
        let mut names = vec![stack.to_owned()];
        words(node, &mut names);
        self.reading.stacks.lose(Lost { policy: None, names: Some(names) });
    }

    /// What a key of a stack that is not understood was to define.
    fn lose_all(&mut self, stack: &str, item: &Item) {
        let Node::Array(elements) = &item.node else { return self.lose(stack, item) };
        for element in elements {
            if let Node::Table(items) = &element.node {
                for item in items {
                    self.lose(stack, item);
                }
            }
        }
    }

    /// A policy that is defined with a fault: it may be called as its stack, or as any text in it, as
    /// each can stand behind a misspelt `name`.
    fn lose(&mut self, stack: &str, item: &Item) {
        let mut names = vec![stack.to_owned()];
        if let Node::Table(options) = &item.node {
            names.extend(options.iter().filter_map(|option| match &option.node {
                Node::Value(Value::Text(text)) => Some(text.clone()),
                _ => None,
            }));
        }
        let policy = rule::kind(&item.key).ok().map(|spec| spec.name);
        self.reading.stacks.lose(Lost { policy, names: Some(names) });
    }

    fn stack(&mut self, item: &Item, keys: &[Item]) {
        for other in keys.iter().filter(|key| key.key != POLICIES) {
            let written = shown(&other.key);
            let message = if let Ok(spec) = rule::kind(&other.key) {
                format!(
                    "the policies of a stack have an order: write `policies = [{{ {} = .. }}, ..]`, \
                     outermost first",
                    spec.name
                )
            } else {
                let hint = did_you_mean(&written, "keys", [POLICIES]);
                format!("unknown key `{written}` of a stack; {hint}")
            };
            self.fault(other.key_at, message);
            self.lose_all(&item.key, other);
        }
        let Some(policies) = keys.iter().find(|key| key.key == POLICIES) else {
            if keys.is_empty() {
                self.fault(
                    item.key_at,
                    "a stack lists its policies: write `policies = [..]` in it",
                );
            }
            return;
        };
        let Node::Array(elements) = &policies.node else {
            self.lose_all(&item.key, policies);
            self.lose_within(&item.key, &policies.node);
            let message = "the policies of a stack are a list, outermost first: \
                           `policies = [\"retry.payments\", { timeout = \"2s\" }]`";
            self.fault(policies.value_at, message);
            return;
        };
        if elements.is_empty() {
            self.fault(
                policies.value_at,
                "a stack without policies does nothing; list one, or remove it",
            );
        }
        let place = self.place(item.key_at);
        let mut stack = Written { name: item.key.clone(), place, layers: Vec::new() };
        for element in elements {
            if let Some(layer) = self.layer(&stack, element) {
                stack.layers.push(layer);
            }
        }
        self.reading.stacks.add(stack);
    }

    /// One policy of a stack: the name of one, or a table that defines it.
    fn layer(&mut self, stack: &Written, element: &Element) -> Option<Layer> {
        match &element.node {
            Node::Value(Value::Text(text)) => match refers_to(text) {
                Ok((spec, name)) => {
                    let place = self.place(element.at);
                    Some(Layer { spec, name: name.into(), place, own: None })
                }
                Err(message) => {
                    self.fault(element.at, message);
                    None
                }
            },
            Node::Table(items) => {
                if let [item] = &items[..] {
                    let before = self.reading.faults.len();
                    let layer = self.own(stack, item);
                    if self.reading.faults.len() > before {
                        self.lose(&stack.name, item);
                    }
                    return layer;
                }
                for item in items {
                    self.lose(&stack.name, item);
                }
                let message =
                    "each policy is a table of its own, such as `{ retry = { max = 3 } }`";
                self.fault(element.at, message);
                None
            }
            other => {
                self.lose_within(&stack.name, other);
                let message = "a policy of a stack is a name, such as \"retry.payments\", or a table, such \
                               as `{ retry = { max = 3 } }`";
                self.fault(element.at, message);
                None
            }
        }
    }

    /// A policy that the stack defines.
    fn own(&mut self, stack: &Written, item: &Item) -> Option<Layer> {
        let spec = match fit(&item.key) {
            Ok(spec) => spec,
            Err(message) => {
                self.fault(item.key_at, message);
                return None;
            }
        };
        let before = self.reading.faults.len();
        let positional;
        let options: Vec<&Item> = match (&item.node, spec.positional) {
            (Node::Table(options), _) => options.iter().collect(),
            (Node::Value(value), Some(option)) => {
                let (key, at) = (option.to_owned(), item.value_at);
                let node = Node::Value(value.clone());
                positional = Item { key, key_at: at, value_at: at, node };
                vec![&positional]
            }
            _ => {
                let policy = spec.name;
                let message =
                    format!("the options of a `{policy}` are a table: `{{ {policy} = {{ .. }} }}`");
                self.fault(item.value_at, message);
                return None;
            }
        };
        let (names, options): (Vec<_>, Vec<_>) =
            options.into_iter().partition(|option| option.key == "name");
        let name = match names.first() {
            Some(given) => self.given_name(given)?,
            None => unnamed(stack, spec),
        };
        let is_option = |option: &&Item| rule::option(spec, &option.key).is_ok();
        let is_named = !names.is_empty() || options.iter().all(is_option);
        let target = Target::Defined(name.as_str().into());
        let first = self.reading.rules.len();
        self.section(spec, &target, &options);
        let rules = self.reading.rules.split_off(first);
        if self.reading.faults.len() == before {
            if let Some(message) = incomplete(spec, &rules) {
                self.fault(item.key_at, message);
                self.reading.unclear.push((spec.name, target));
            }
        }
        let declaration = crate::stack::declaration(spec.name, &name);
        let own = Some(Own { declaration, rules, is_named });
        Some(Layer { spec, name: name.into(), place: self.place(item.key_at), own })
    }

    fn given_name(&mut self, item: &Item) -> Option<String> {
        match &item.node {
            Node::Value(Value::Text(name)) if !name.is_empty() && !name.contains('*') => {
                Some(name.clone())
            }
            _ => {
                self.fault(item.value_at, "a name is a text, without `*`: name = \"svcB\"");
                None
            }
        }
    }
}

/// The keys and texts of a node, however deep.
fn words(node: &Node, found: &mut Vec<String>) {
    match node {
        Node::Table(items) => {
            for item in items {
                found.push(item.key.clone());
                words(&item.node, found);
            }
        }
        Node::Array(elements) => elements.iter().for_each(|each| words(&each.node, found)),
        Node::Value(Value::Text(text)) => found.push(text.clone()),
        Node::Value(_) | Node::Other(_) => {}
    }
}

/// Whether there is a list in a node, which only stacks have.
fn holds_array(node: &Node) -> bool {
    match node {
        Node::Array(_) => true,
        Node::Table(items) => items.iter().any(|item| holds_array(&item.node)),
        Node::Value(_) | Node::Other(_) => false,
    }
}

/// What defines a policy without what it needs.
fn incomplete(spec: &'static PolicySpec, rules: &[rule::Rule]) -> Option<String> {
    let positional = spec.positional.as_slice();
    let needed = spec.needs_one_of.map_or(positional, |(options, _)| options);
    if needed.is_empty() || rules.iter().any(|rule| needed.contains(&rule.option)) {
        return None;
    }
    let policy = spec.name;
    let settable: Vec<_> =
        needed.iter().filter_map(|name| spec.option(name)).filter(|row| row.is_config()).collect();
    let names: Vec<_> = settable.iter().map(|row| format!("`{}`", row.name)).collect();
    let first = settable.first()?;
    let (option, example) = (first.name, first.example);
    Some(format!(
        "a `{policy}` needs {}: write `{{ {policy} = {{ {option} = {example} }} }}`",
        names.join(" or ")
    ))
}

/// The name of a policy that says none: that of its stack, as that of an attribute is the path of its
/// function.
fn unnamed(stack: &Written, spec: &PolicySpec) -> String {
    let twins = stack.layers.iter().filter(|layer| {
        let rest = layer.name.strip_prefix(stack.name.as_str());
        layer.spec.name == spec.name
            && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#'))
    });
    match twins.count() {
        0 => stack.name.clone(),
        twins => format!("{}#{}", stack.name, twins + 1),
    }
}

/// The table of a policy that a stack can have.
fn fit(name: &str) -> Kind {
    let spec = rule::kind(name)?;
    unfit(spec).map_or(Ok(spec), Err)
}

/// `retry.payments`: a policy by kind and name.
fn refers_to(text: &str) -> Result<(&'static PolicySpec, &str), String> {
    let Some((kind, name)) = text.split_once('.') else { return Err(half(text)) };
    if kind == STACKS {
        return Err("a stack cannot contain another one: list its policies".to_owned());
    }
    let spec = fit(kind)?;
    if name.is_empty() || name.contains('*') {
        return Err(format!("a stack names each policy: \"{}.svcB\"", spec.name));
    }
    Ok((spec, name))
}

/// What to say of a policy that is named without its kind, or the other way round.
fn half(text: &str) -> String {
    let text = &shown(text);
    if let Ok(spec) = rule::kind(text) {
        let policy = spec.name;
        return unfit(spec).unwrap_or_else(|| {
            format!(
                "which `{policy}`? Write \"{policy}.<name>\" for one of the program, or define one: \
                 `{{ {policy} = {{ .. }} }}`"
            )
        });
    }
    let mut named: Vec<_> = declarations().filter(|one| one.name() == text).collect();
    named.sort_by_key(|one| one.policy());
    match named.first() {
        Some(one) => format!("`{text}` is the name of a `{}`: write \"{0}.{text}\"", one.policy()),
        None => format!(
            "`{text}` is no policy: write its kind and name, such as \"retry.payments\", or define one, such \
             as `{{ retry = {{ max = 3 }} }}`"
        ),
    }
}
