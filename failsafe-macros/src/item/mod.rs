//! The function under the policies: what it is, how its body is run once more, and how it is written out again.
//!
//! The body stays a group of tokens: that is fast, and keeps an editor working in unfinished code. It is parsed only
//! where something in it must be found: the future of a function that returns one, and `self` where it needs another
//! name.

mod attempt;
mod output;
mod param;
mod rename;
mod shape;
pub(crate) mod tokens;

use std::collections::HashSet;

use failsafe_config::Runs;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser as _};
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Expr, GenericParam, Lifetime, Pat, Signature, Stmt, Type, Visibility};

pub(crate) use self::attempt::Attempt;
pub(crate) use self::output::promised;
use self::param::{Access, Param};
pub(crate) use self::shape::Promise;
use self::shape::{Envelope, Shape};
use self::tokens::Place;

/// A function under policies, read from the item of `__stack`.
pub(crate) struct Function {
    attrs: Vec<Attribute>,
    /// Inner attributes of the body.
    inner_attrs: Vec<Group>,
    /// The visibility, and `default`.
    head: TokenStream,
    sig: Signature,
    params: Vec<Param>,
    shape: Shape,
    /// What runs under the policies, in braces.
    body: Group,
    /// `R`, as declared: `None` when there is no return type.
    returns: Option<Type>,
}

impl Function {
    /// Reads the item of `__stack`; the faults say what a policy can go on.
    pub(crate) fn read(item: TokenStream) -> Result<Self, Error> {
        let (attrs, head, sig, body) = parse.parse2(item)?;
        faults(&sig)?;
        let (inner_attrs, body) = tokens::inner_attributes(body);
        let mut params: Vec<_> =
            sig.inputs.iter().enumerate().map(|(index, input)| Param::read(index, input)).collect();
        let declared = output::declared(&sig.output);
        let promise = declared.filter(|_| sig.asyncness.is_none()).and_then(promised);
        let (shape, body, returns) = match (promise, declared) {
            (Some((promise, returns)), Some(ty)) => {
                let (envelope, body) = Envelope::open(&body, promise, ty)?;
                follow_lets(&mut params, &envelope.lead);
                (Shape::Future(Box::new(envelope)), body, Some(returns.clone()))
            }
            _ if sig.asyncness.is_some() => (Shape::Async, body, declared.cloned()),
            _ => (Shape::Blocking, body, declared.cloned()),
        };
        let body = tokens::hygienic(&body);
        Ok(Self { attrs, inner_attrs, head, sig, params, shape, body, returns })
    }

    /// Whether an item is a function that may wait, even if it cannot be read.
    pub(crate) fn waits(item: TokenStream) -> bool {
        parse.parse2(item).is_ok_and(|(_, _, sig, _)| {
            let promise = output::declared(&sig.output).and_then(promised);
            sig.asyncness.is_some() || promise.is_some()
        })
    }

    /// Whether the body may wait: an `async fn`, or a `fn` which returns a future.
    pub(crate) fn is_async(&self) -> bool {
        !matches!(self.shape, Shape::Blocking)
    }

    /// The type of an outcome, `R`, fit for an expression: `impl Trait` is `_`; of a future, its output.
    pub(crate) fn output(&self) -> TokenStream {
        output::expression(self.returns.as_ref())
    }

    /// Whether the return type surely holds no rejection.
    pub(crate) fn holds_no_rejection(&self) -> bool {
        output::holds_no_rejection(self.returns.as_ref())
    }

    /// The return type, or the parameter list when there is none.
    pub(crate) fn output_place(&self) -> Place {
        self.returns.as_ref().map_or_else(|| Place::at(self.params_span()), Place::of)
    }

    /// The name.
    pub(crate) fn name_span(&self) -> Span {
        self.sig.ident.span()
    }

    /// The parameter list.
    pub(crate) fn params_span(&self) -> Span {
        self.sig.paren_token.span.join()
    }

    /// What an expression must not mention to be a constant: the type and const parameters, and `Self`.
    pub(crate) fn generics(&self) -> HashSet<String> {
        let names = self.sig.generics.params.iter().filter_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.to_string()),
            GenericParam::Const(param) => Some(param.ident.to_string()),
            GenericParam::Lifetime(_) => None,
        });
        names.chain(["Self".to_owned()]).collect()
    }

    /// Whether the body says a word.
    pub(crate) fn mentions(&self, word: &str) -> bool {
        tokens::says(self.body.stream(), word)
    }

    /// The names that the parameters bind.
    pub(crate) fn bindings(&self) -> HashSet<String> {
        let mut names = HashSet::new();
        for param in &self.params {
            tokens::words(param.pat.to_token_stream(), &mut names);
        }
        names
    }

    /// The arguments by their names, in order, without `self`.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let names = self.params.iter().filter(|param| !param.is_self()).flat_map(Param::bindings);
        names.map(|name| name.to_string()).collect()
    }

    /// An `impl Trait` in the return type.
    pub(crate) fn opaque_output(&self) -> Option<Span> {
        self.returns.as_ref().filter(|ty| output::has_impl(ty)).map(syn::spanned::Spanned::span)
    }

    /// A borrow in what the function returns when it succeeds.
    pub(crate) fn borrowed_success(&self) -> Option<Span> {
        self.returns.as_ref().and_then(|ty| output::any_borrow(output::success(ty)))
    }

    /// The borrow of a `&mut` parameter in the return type: a second attempt would need the `&mut` while the outcome of
    /// the first still holds it. Only a stack which re-runs minds.
    pub(crate) fn lends_out(&self) -> Option<Span> {
        let returns = self.returns.as_ref()?;
        let receiver = self.sig.receiver().is_some();
        self.params.iter().filter(|param| param.is_lent()).find_map(|param| {
            // Elided, it is the receiver's lifetime or, without one, that of the only reference.
            let elided = param.index == 0 || !receiver;
            let named = lifetime(&param.ty);
            named
                .and_then(|named| output::borrows(returns, Some(named)))
                .or_else(|| elided.then(|| output::borrows(returns, None)).flatten())
        })
    }

    /// A parameter that only one attempt at a time can have. A `_` is not used by any.
    pub(crate) fn exclusive(&self) -> Option<Span> {
        let exclusive = |param: &&Param| {
            let hidden = param.access == Access::Hidden && !matches!(param.pat, Pat::Wild(_));
            param.is_lent() || hidden || param.has_ref_mut()
        };
        self.params.iter().find(exclusive).map(|param| param.span)
    }

    /// How the body is run. `reruns`: the stack has a policy which may run it again; `mentioned`: the identifiers in
    /// the expressions of the policies.
    pub(crate) fn attempt(
        &self,
        krate: &TokenStream,
        runs: Runs,
        mentioned: &HashSet<String>,
    ) -> Attempt {
        attempt::Plan::new(self, krate, runs, mentioned).attempt()
    }

    /// Whether every argument is copied each time it is used, so that a body can run again where it
    /// stands, without a closure that is cloned.
    fn copies_all(&self) -> bool {
        !matches!(self.shape, Shape::Future(_)) && self.params.iter().all(Param::is_copied)
    }

    /// The function with `flow`, statements and an expression of type `R`, as its body.
    pub(crate) fn emit(&self, doc: &[String], attempt: &Attempt, flow: TokenStream) -> TokenStream {
        let Self { attrs, inner_attrs, head, .. } = self;
        let (prelude, sig) = (&attempt.prelude, &attempt.sig);
        // `async_trait` has moved the receiver on; the expressions of the attributes still say `self`.
        let flow = match self.params.first() {
            Some(Param { from_let: Some(_), pat: Pat::Ident(pat), .. })
                if self.sig.receiver().is_some() =>
            {
                rename::tokens(flow, &pat.ident)
            }
            _ => flow,
        };
        let inner = quote!(#prelude #flow);
        let body = match &self.shape {
            Shape::Async | Shape::Blocking => inner,
            Shape::Future(envelope) => envelope.close(&attempt.lead, &inner),
        };
        quote! {
            #(#attrs)*
            #(#[doc = #doc])*
            #(# #inner_attrs)*
            #head #sig { #body }
        }
    }

    /// The item as the user wrote it, to stand beside errors: deferral has taken our attributes off already.
    pub(crate) fn original(item: TokenStream) -> TokenStream {
        item
    }
}

/// Parses a function, up to the contents of its body.
fn parse(input: ParseStream) -> syn::Result<(Vec<Attribute>, TokenStream, Signature, Group)> {
    let attrs = input.call(Attribute::parse_outer)?;
    let mut head = input.parse::<Visibility>()?.into_token_stream();
    let fork = input.fork();
    if fork.parse::<Ident>().is_ok_and(|word| word == "default") {
        head.extend([input.parse::<TokenTree>()?]);
    }
    let sig = input.parse::<Signature>()?;
    let needs_body = "policies need a body to run: put them on the implementation";
    let body = input.parse::<TokenTree>().map_err(|error| Error::new(error.span(), needs_body))?;
    let span = body.span();
    let body = tokens::block(body).ok_or_else(|| Error::new(span, needs_body))?;
    input
        .is_empty()
        .then_some((attrs, head, sig, body))
        .ok_or_else(|| input.error("expected the end of the function"))
}

/// What no policy can go on.
fn faults(sig: &Signature) -> Result<(), Error> {
    if let Some(token) = &sig.constness {
        let message =
            "policies need a clock and shared state, which a `const fn` has not: remove `const`";
        return Err(Error::new(token.span, message));
    }
    if let Some(variadic) = &sig.variadic {
        let message = "policies cannot pass on the arguments of a variadic function";
        return Err(Error::new(variadic.span(), message));
    }
    match output::declared(&sig.output).map(output::peel) {
        Some(never @ Type::Never(_)) => {
            let message = "this function never returns, so there is no outcome for a policy: remove the policies";
            Err(Error::new(never.span(), message))
        }
        _ => Ok(()),
    }
}

/// Gives each parameter the pattern which a `let PATTERN = parameter;` before the body binds it to.
fn follow_lets(params: &mut [Param], lead: &[Stmt]) {
    for (at, statement) in lead.iter().enumerate() {
        let Stmt::Local(local) = statement else { continue };
        let Some(source) = local.init.as_ref().and_then(|init| source(&init.expr)) else {
            continue;
        };
        if let Some(param) = params.iter_mut().find(|param| param.name() == Some(&source)) {
            param.pat = local.pat.clone();
            param.from_let = Some(at);
            param.conditional |= !local.attrs.is_empty();
        }
    }
}

/// The parameter in `parameter` or `{ let parameter = parameter; parameter }`.
fn source(expr: &Expr) -> Option<Ident> {
    match expr {
        Expr::Path(path) => path.path.get_ident().cloned(),
        Expr::Block(block) => match block.block.stmts.last() {
            Some(Stmt::Expr(tail, None)) => source(tail),
            _ => None,
        },
        _ => None,
    }
}

/// The named lifetime of `&'a mut T` or `Pin<&'a mut T>`.
fn lifetime(ty: &Type) -> Option<&Lifetime> {
    let reference = match output::peel(ty) {
        Type::Reference(reference) => Some(reference),
        Type::Path(path) => match output::container(path) {
            Some((_, Type::Reference(reference))) => Some(reference),
            _ => None,
        },
        _ => None,
    };
    reference?
        .lifetime
        .as_ref()
        .filter(|lifetime| lifetime.ident != "_" && lifetime.ident != "static")
}
