//! The grammar of all attributes: `positional, key = expression, key(tokens)`.

use crate::errors::Errors;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::token::{Eq, Paren};
use syn::{Expr, Token, parenthesized};

/// What an option was given.
pub(crate) enum Content {
    /// `key = expression`.
    Value(Expr),
    /// `key(tokens)`.
    List(TokenStream),
    /// `key`, and nothing.
    Nothing,
}

/// One option as it was written.
pub(crate) struct Arg {
    pub key: Ident,
    pub content: Content,
}

impl Arg {
    /// The option from its first token to its last.
    pub(crate) fn tokens(&self) -> TokenStream {
        let mut tokens = self.key.to_token_stream();
        match &self.content {
            Content::Value(value) => {
                Eq { spans: [self.key.span()] }.to_tokens(&mut tokens);
                value.to_tokens(&mut tokens);
            }
            Content::List(list) => Paren::default().surround(&mut tokens, |inner| {
                inner.extend(list.clone());
            }),
            Content::Nothing => {}
        }
        tokens
    }
}

/// The arguments of an attribute.
#[derive(Default)]
pub(crate) struct Args {
    pub positional: Vec<Expr>,
    pub named: Vec<Arg>,
}

impl Args {
    /// Reads as much as can be read; what cannot be read is a fault each, up to the next comma.
    pub(crate) fn read(
        args: &TokenStream,
        is_option: &dyn Fn(&Ident) -> bool,
        errors: &mut Errors,
    ) -> Self {
        let mut read = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match one(input, is_option) {
                    Ok(One::Positional(value)) => read.positional.push(*value),
                    Ok(One::Named(arg)) => read.named.push(arg),
                    Err(error) => {
                        errors.add(error);
                        skip_to_comma(input);
                    }
                }
                if input.is_empty() {
                    break;
                }
                if let Err(error) = input.parse::<Token![,]>() {
                    let hint = format!("{error}; options are separated by commas");
                    errors.at(error.span(), hint);
                    skip_to_comma(input);
                    let _ = input.parse::<Token![,]>();
                }
            }
            Ok(())
        };
        let _ = parser.parse2(args.clone());
        read
    }
}

enum One {
    Positional(Box<Expr>),
    Named(Arg),
}

fn one(input: ParseStream<'_>, is_option: &dyn Fn(&Ident) -> bool) -> syn::Result<One> {
    let ahead = input.fork();
    let Ok(key) = Ident::parse_any(&ahead) else { return positional(input) };
    if ahead.peek(Token![=]) && !ahead.peek(Token![==]) {
        input.parse::<TokenTree>()?;
        input.parse::<Token![=]>()?;
        return Ok(One::Named(Arg { content: Content::Value(value(&key, input)?), key }));
    }
    if ahead.peek(Paren) && is_option(&key) {
        input.parse::<TokenTree>()?;
        let list;
        parenthesized!(list in input);
        return Ok(One::Named(Arg { key, content: Content::List(list.parse()?) }));
    }
    if (ahead.is_empty() || ahead.peek(Token![,])) && is_option(&key) {
        input.parse::<TokenTree>()?;
        return Ok(One::Named(Arg { key, content: Content::Nothing }));
    }
    positional(input)
}

fn positional(input: ParseStream<'_>) -> syn::Result<One> {
    Ok(One::Positional(Box::new(Expr::parse(input)?)))
}

fn value(key: &Ident, input: ParseStream<'_>) -> syn::Result<Expr> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new(key.span(), format!("`{key}` has no value after its `=`")));
    }
    if key == "crate" {
        let path: syn::Path = input.parse()?;
        return Ok(Expr::Path(syn::ExprPath { attrs: Vec::new(), qself: None, path }));
    }
    Expr::parse(input)
}

fn skip_to_comma(input: ParseStream<'_>) {
    while !input.is_empty() && !input.peek(Token![,]) {
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// Where an expression stands, from its first token to its last as far as the compiler joins them.
pub(crate) fn span_of(tokens: impl ToTokens) -> Span {
    use syn::spanned::Spanned as _;
    tokens.to_token_stream().span()
}
