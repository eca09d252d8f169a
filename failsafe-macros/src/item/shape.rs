//! What runs: the body itself, or the future which the body makes.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprAsync, Local, Pat, Stmt, Type};

use super::tokens;

/// How a return type promises a future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Promise {
    /// `impl Future`
    Impl,
    /// `Pin<Box<dyn Future>>`, `BoxFuture`
    Boxed,
}

/// How a function runs its body.
pub(super) enum Shape {
    /// `async fn`
    Async,
    /// `fn`
    Blocking,
    /// A `fn` which returns a future, as `async_trait` makes them.
    Future(Box<Envelope>),
}

/// What stands around the part of a future which runs under the policies.
pub(super) struct Envelope {
    /// Statements before the future, run when the function is called.
    before: Vec<Stmt>,
    /// `Box::pin`, or nothing.
    pin: TokenStream,
    /// `async move`
    head: TokenStream,
    /// `.boxed()`, or nothing.
    method: TokenStream,
    /// Statements of the future before the body: `async_trait` binds the arguments there.
    pub lead: Vec<Stmt>,
}

impl Envelope {
    /// Opens up the body of a function which returns a future; the second part is what the policies go around.
    pub(super) fn open(body: &Group, promise: Promise, ty: &Type) -> syn::Result<(Self, Group)> {
        let Ok(mut block) = syn::parse2::<Block>(TokenTree::Group(body.clone()).into()) else {
            return Self::around(body, promise, ty);
        };
        let Some(Stmt::Expr(tail, None)) = block.stmts.pop() else {
            return Self::around(body, promise, ty);
        };
        let Some((pin, future, method)) = future(&tail) else {
            return Self::around(body, promise, ty);
        };
        let (async_token, capture) = (&future.async_token, &future.capture);
        let attrs = &future.attrs;
        let head = quote!(#(#attrs)* #async_token #capture);
        let (lead, inner) =
            async_trait(&future.block).unwrap_or_else(|| (Vec::new(), group(&future.block)));
        Ok((Self { before: block.stmts, pin, head, method, lead }, inner))
    }

    /// A body which makes its future in some other way: run it whole, in a future of our own.
    fn around(body: &Group, promise: Promise, ty: &Type) -> syn::Result<(Self, Group)> {
        if let Some(span) = returns(body) {
            return Err(syn::Error::new(
                span,
                "policies cannot look behind a `return` of a future: write `async fn`, or let the body end in `async move { .. }`",
            ));
        }
        let (pin, run) = match promise {
            Promise::Impl => (TokenStream::new(), quote!(#body.await)),
            Promise::Boxed => {
                // The type turns the futures of several branches into one.
                let future = Ident::new("__future", Span::mixed_site());
                let run = quote!(let #future: #ty = #body; #future.await);
                (quote!(::std::boxed::Box::pin), run)
            }
        };
        let mut inner = Group::new(Delimiter::Brace, run);
        inner.set_span(body.span());
        let head = quote!(async move);
        let envelope =
            Self { before: Vec::new(), pin, head, method: TokenStream::new(), lead: Vec::new() };
        Ok((envelope, inner))
    }

    /// Whether the statements before the future use a parameter, which is then no longer only the attempts'.
    pub(super) fn uses(&self, name: &str) -> bool {
        self.before.iter().any(|statement| tokens::mentions(statement.to_token_stream(), name))
    }

    /// The function's body, around what runs in the future.
    pub(super) fn close(&self, lead: &[Stmt], inner: &TokenStream) -> TokenStream {
        let Self { before, pin, head, method, .. } = self;
        let future = quote!(#head { #(#lead)* #inner });
        if pin.is_empty() {
            quote!(#(#before)* #future #method)
        } else {
            quote!(#(#before)* #pin(#future))
        }
    }
}

/// `async {}`, `Box::pin(async {})` or `async {}.boxed()`, taken apart.
fn future(tail: &Expr) -> Option<(TokenStream, &ExprAsync, TokenStream)> {
    match tail {
        Expr::Async(future) => Some((TokenStream::new(), future, TokenStream::new())),
        Expr::Group(group) => future(&group.expr),
        Expr::Call(call) => match (call.args.len(), call.args.first()) {
            (1, Some(Expr::Async(future))) => {
                let function = call.func.to_token_stream();
                let pin = function.clone().into_iter().last()?.to_string() == "pin";
                pin.then_some((function, future, TokenStream::new()))
            }
            _ => None,
        },
        Expr::MethodCall(call) => match &*call.receiver {
            Expr::Async(future) if call.args.is_empty() => {
                let (dot, method) = (&call.dot_token, &call.method);
                Some((TokenStream::new(), future, quote!(#dot #method ())))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The block which `async_trait` puts the user's body in, as statements before the body and the body.
fn async_trait(block: &Block) -> Option<(Vec<Stmt>, Group)> {
    let at = block.stmts.iter().position(|statement| match statement {
        Stmt::Local(Local { pat: Pat::Type(typed), init: Some(init), .. }) => {
            let named = match &*typed.pat {
                Pat::Ident(ident) => ident.ident == "__ret",
                Pat::Wild(_) => matches!(&*typed.ty, Type::Tuple(unit) if unit.elems.is_empty()),
                _ => false,
            };
            named && matches!(&*init.expr, Expr::Block(_))
        }
        _ => false,
    })?;
    let (lead, rest) = block.stmts.split_at(at);
    let bound = lead.iter().all(|statement| match statement {
        Stmt::Local(local) => local.init.is_some(),
        Stmt::Expr(Expr::If(_), _) => true,
        _ => false,
    });
    let last = match rest {
        [_] => true,
        [_, Stmt::Expr(tail, None)] => {
            tail.to_token_stream().into_iter().last()?.to_string() == "__ret"
        }
        _ => false,
    };
    let [Stmt::Local(Local { init: Some(init), .. }), ..] = rest else { return None };
    let Expr::Block(body) = &*init.expr else { return None };
    (bound && last).then(|| (lead.to_vec(), group(&body.block)))
}

/// The braces of a block.
fn group(block: &Block) -> Group {
    let mut group =
        Group::new(Delimiter::Brace, block.stmts.iter().map(ToTokens::to_token_stream).collect());
    group.set_span(block.brace_token.span.join());
    group
}

/// A `return` of the function itself, not of a closure or future in it.
fn returns(body: &Group) -> Option<Span> {
    struct Returns(Option<Span>);
    impl<'ast> Visit<'ast> for Returns {
        fn visit_expr_return(&mut self, expr: &'ast syn::ExprReturn) {
            self.0 = self.0.or(Some(expr.span()));
            visit::visit_expr_return(self, expr);
        }
        fn visit_expr_closure(&mut self, _: &'ast syn::ExprClosure) {}
        fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let block = syn::parse2::<Block>(TokenTree::Group(body.clone()).into()).ok()?;
    let mut returns = Returns(None);
    returns.visit_block(&block);
    returns.0
}
