//! One attempt: the expression which runs the body, once or again and again.

use std::collections::HashSet;

use failsafe_config::Runs;
use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{FnArg, Pat, Signature, Stmt};

use super::shape::Shape;
use super::{Access, Function, Param, output, param, rename, tokens};

/// How a body is run.
pub(crate) struct Attempt {
    /// Statements before the policies: the body as a closure, or nothing.
    pub prelude: TokenStream,
    /// An expression which starts one attempt: a future of `R` (not awaited), or in a blocking function `R` itself.
    pub start: TokenStream,
    /// The signature, without the `mut` which moved into the body.
    pub(super) sig: Signature,
    /// The statements of an `async_trait` future before the body, likewise.
    pub(super) lead: Vec<Stmt>,
}

/// How attempts share the body.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// One attempt, which may have everything.
    Move,
    /// One attempt, or arguments that are copied anyway, or the only way to share: a block in place,
    /// which captures what it uses.
    InPlace,
    /// A closure, cloned for each attempt.
    Closure,
}

/// What is known before an attempt is written.
pub(super) struct Plan<'a> {
    function: &'a Function,
    krate: &'a TokenStream,
    mode: Mode,
}

impl<'a> Plan<'a> {
    /// Chooses how the body of `function` is run.
    pub(super) fn new(
        function: &'a Function,
        krate: &'a TokenStream,
        runs: Runs,
        mentioned: &HashSet<String>,
    ) -> Self {
        let mode = if runs == Runs::Once {
            // A policy which looks at an argument must find it still there; else a move, so that what is only borrowed
            // across an await needs to be no more than `Send`.
            let needed = |param: &&Param| {
                param.access != Access::Shared && is_mentioned(function, param, mentioned)
            };
            if function.params.iter().any(|param| needed(&param)) {
                Mode::InPlace
            } else {
                Mode::Move
            }
        } else if function.params.iter().any(|param| !can_lend(function, param, mentioned))
            || runs == Runs::OneAfterAnother && function.copies_all()
        {
            Mode::InPlace
        } else {
            Mode::Closure
        };
        Self { function, krate, mode }
    }

    /// Writes it.
    pub(super) fn attempt(&self) -> Attempt {
        let function = self.function;
        let lead = match &function.shape {
            Shape::Future(envelope) => envelope.lead.clone(),
            Shape::Async | Shape::Blocking => Vec::new(),
        };
        let sig = function.sig.clone();
        if self.mode == Mode::Closure {
            return self.closure(sig, lead);
        }
        Attempt { prelude: TokenStream::new(), start: self.in_place(), sig, lead }
    }

    /// The body where it is run.
    fn in_place(&self) -> TokenStream {
        let (krate, body) = (self.krate, &self.function.body);
        if self.function.is_async() {
            let capture = (self.mode == Mode::Move).then(|| quote!(move));
            let hint = self.hint();
            quote!(async #capture { #hint #body })
        } else {
            // A closure, so that `?` and `return` end the attempt and not the function.
            let output = self.function.output();
            quote!(#krate::__rt::call_once(|| -> #output #body))
        }
    }

    /// The body as a closure: it captures only what it uses, and by value only what it uses up. So it is `Clone` when
    /// the arguments it uses up are. What it may only borrow for one attempt comes as its parameters.
    fn closure(&self, sig: Signature, lead: Vec<Stmt>) -> Attempt {
        let mut parts = Parts::new(sig, lead);
        for param in &self.function.params {
            if param.is_lent() || !is_used_before(self.function, param) {
                parts.add(param);
            }
        }
        let Parts { parameters, arguments, rebinds, prelude, receiver, sig, lead } = parts;
        let krate = self.krate;
        let body = match receiver {
            Some(to) => rename::body(&self.function.body, &to),
            None => self.function.body.clone(),
        };
        let name = Ident::new("__body", Span::mixed_site());
        let closure = if self.function.is_async() {
            let hint = self.hint();
            quote!(async |#(#parameters),*| { #hint #rebinds #body })
        } else {
            let output = self.function.output();
            let block = block(&rebinds, &body);
            quote!(|#(#parameters),*| -> #output #block)
        };
        // `Clone` is asked for here, and what lacks it is a parameter.
        let blamed = self.function.params_span();
        let krate = tokens::located_at(krate, blamed);
        let shared = Ident::new("__body", name.span().located_at(blamed));
        let start = if arguments.is_empty() {
            quote_spanned!(blamed=> #krate::__rt::start(&#shared))
        } else {
            let attempt = quote_spanned!(blamed=> #krate::__rt::attempt(&#shared));
            quote!(#attempt(#(#arguments),*))
        };
        Attempt { prelude: quote!(#prelude let #name = #closure;), start, sig, lead }
    }

    /// Tells the block its type: neither an `async` block nor an async closure lets one be written so that the body is
    /// coerced to it.
    fn hint(&self) -> TokenStream {
        if output::is_unit(self.function.returns.as_ref()) {
            return quote!(if false {
                return;
            });
        }
        let (krate, output) = (self.krate, self.function.output());
        quote!(if false { return #krate::__rt::ty::<#output>(); })
    }
}

/// The parts of a body as a closure.
struct Parts {
    parameters: Vec<TokenStream>,
    arguments: Vec<TokenStream>,
    rebinds: TokenStream,
    prelude: TokenStream,
    receiver: Option<Ident>,
    sig: Signature,
    lead: Vec<Stmt>,
}

impl Parts {
    /// Of a body without parameters.
    fn new(sig: Signature, lead: Vec<Stmt>) -> Self {
        Self {
            parameters: Vec::new(),
            arguments: Vec::new(),
            rebinds: TokenStream::new(),
            prelude: TokenStream::new(),
            receiver: None,
            sig,
            lead,
        }
    }

    /// Lends or captures one parameter.
    fn add(&mut self, param: &Param) {
        if param.is_self() {
            self.receiver(param);
        } else if param.is_lent() {
            let mut seen = param.pat.clone();
            if param.from_let.is_some() {
                // `async_trait` writes `let mut __self = self;` for every `&mut self`.
                param::strip_mut(&mut seen);
            }
            let outer = self.outer_name(param);
            self.lend(param, &seen, &outer);
        } else if let Some(pat) = self.pattern(param) {
            let rebinds = param::strip_mut(pat);
            self.rebinds.extend(rebinds);
        }
    }

    /// `self`, which a closure parameter and a `let` have to call something else.
    fn receiver(&mut self, param: &Param) {
        let to = rename::receiver(param.span);
        let mutability = match self.sig.inputs.first_mut() {
            Some(FnArg::Receiver(receiver)) => receiver.mutability.take(),
            _ => None,
        };
        let this = param.name().cloned();
        if param.is_lent() {
            self.lend(param, &quote!(#mutability #to), &this.to_token_stream());
        } else if mutability.is_some() {
            self.rebinds.extend(quote!(let #mutability #to = #this;));
        } else {
            return;
        }
        self.receiver = Some(to);
    }

    /// Makes `pat` a parameter of the closure, for which `outer` is lent.
    fn lend(&mut self, param: &Param, pat: &impl ToTokens, outer: &TokenStream) {
        self.parameters.push(param::closure_parameter(pat, &param.lent_type()));
        self.arguments.push(if param.access == Access::Pinned {
            let pin = Ident::new(&format!("__pin{}", param.index), Span::mixed_site());
            self.prelude.extend(quote!(let mut #pin = #outer;));
            quote!(::core::pin::Pin::as_mut(&mut #pin))
        } else {
            quote!(&mut *#outer)
        });
    }

    /// What a lent parameter is called outside of the closure. A pattern belongs to the attempt, so the signature gets a
    /// name instead.
    fn outer_name(&mut self, param: &Param) -> TokenStream {
        let name = param.name().cloned();
        let positional = param::positional(param.index);
        let Some(pat) = self.pattern(param) else { return TokenStream::new() };
        if let Some(name) = name {
            param::strip_mut(pat);
            name.into_token_stream()
        } else {
            *pat = Pat::Verbatim(positional.to_token_stream());
            positional.into_token_stream()
        }
    }

    /// Where the pattern of a parameter is written.
    fn pattern(&mut self, param: &Param) -> Option<&mut Pat> {
        match param.from_let {
            Some(at) => match self.lead.get_mut(at)? {
                Stmt::Local(local) => Some(&mut local.pat),
                _ => None,
            },
            None => match self.sig.inputs.get_mut(param.index)? {
                FnArg::Typed(typed) => Some(&mut typed.pat),
                FnArg::Receiver(_) => None,
            },
        }
    }
}

/// Whether a re-run closure can have this parameter: captured, or lent per attempt.
fn can_lend(function: &Function, param: &Param, mentioned: &HashSet<String>) -> bool {
    if param.is_lent()
        && (param.conditional
            || is_mentioned(function, param, mentioned)
            || is_used_before(function, param))
    {
        // Lent away, nobody else could look at it.
        return false;
    }
    let Some(FnArg::Receiver(receiver)) = function.sig.inputs.get(param.index) else {
        return param.access != Access::Hidden && !param.has_ref_mut();
    };
    let renames = param.is_self() && (param.is_lent() || receiver.mutability.is_some());
    param.access != Access::Hidden && !(renames && tokens::formats_self(function.body.stream()))
}

/// Whether the expressions of the policies name this parameter.
fn is_mentioned(function: &Function, param: &Param, mentioned: &HashSet<String>) -> bool {
    let receiver = matches!(function.sig.inputs.get(param.index), Some(FnArg::Receiver(_)));
    (receiver && mentioned.contains("self"))
        || param.bindings().iter().any(|name| mentioned.contains(&name.to_string()))
}

/// Whether the statements before a future use this parameter.
fn is_used_before(function: &Function, param: &Param) -> bool {
    let Shape::Future(envelope) = &function.shape else { return false };
    param.from_let.is_none() && param.bindings().iter().any(|name| envelope.uses(&name.to_string()))
}

/// `{ rebinds body }`, without a second pair of braces when there is nothing to rebind.
fn block(rebinds: &TokenStream, body: &Group) -> TokenStream {
    if rebinds.is_empty() { body.to_token_stream() } else { quote!({ #rebinds #body }) }
}
