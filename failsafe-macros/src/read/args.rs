//! The grammar of all attributes: `positional, key = expression, key(tokens)`.

use crate::errors::Errors;
use crate::item::tokens;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use std::collections::HashSet;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::{Expr, Lit, Token, parenthesized};

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

/// The arguments of an attribute.
#[derive(Default)]
pub(crate) struct Args {
    pub positional: Vec<Expr>,
    pub named: Vec<Arg>,
}

impl Args {
    /// Reads as much as can be read; what cannot be read is a fault each, up to the next comma.
    pub(crate) fn read(args: &TokenStream, words: &Words<'_>, errors: &mut Errors) -> Self {
        let mut read = Self::default();
        let parser = |input: ParseStream<'_>| {
            while !input.is_empty() {
                if input.peek(Token![,]) {
                    errors.at(input.span(), "there is no option before this comma; remove it");
                    input.parse::<Token![,]>()?;
                    continue;
                }
                let first = read.positional.is_empty() && read.named.is_empty();
                match one(input, words, first) {
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
                if !input.peek(Token![,]) {
                    errors.at(input.span(), separator(input));
                    if input.parse::<Option<Token![;]>>()?.is_some() || starts_option(input) {
                        continue;
                    }
                    skip_to_comma(input);
                }
                let _ = input.parse::<Token![,]>();
            }
            Ok(())
        };
        let _ = parser.parse2(args.clone());
        read
    }

    /// The options as they were written, with spaces where people put them.
    pub(crate) fn text(&self) -> String {
        let positional = self.positional.iter().map(|value| tidy(&value.to_token_stream()));
        let named =
            self.named.iter().filter(|arg| arg.key != "crate").map(|arg| match &arg.content {
                Content::Value(value) => {
                    format!("{} = {}", arg.key, tidy(&value.to_token_stream()))
                }
                Content::List(list) => format!("{}({})", arg.key, tidy(list)),
                Content::Nothing => arg.key.to_string(),
            });
        positional.chain(named).collect::<Vec<_>>().join(", ")
    }
}

fn tidy(tokens: &TokenStream) -> String {
    let text = tokens.to_string();
    text.replace(" :: ", "::")
        .replace(" (", "(")
        .replace("( ", "(")
        .replace(" )", ")")
        .replace("$crate", "crate")
}

enum One {
    Positional(Box<Expr>),
    Named(Arg),
}

/// What the words of an attribute can be.
pub(crate) struct Words<'a> {
    /// Whether this is the name of an option.
    pub is_option: &'a dyn Fn(&str) -> bool,
    /// Whether this is likely meant to be one.
    pub is_near_option: &'a dyn Fn(&str) -> bool,
}

fn one(input: ParseStream<'_>, words: &Words<'_>, first: bool) -> syn::Result<One> {
    let ahead = input.fork();
    let Ok(key) = Ident::parse_any(&ahead) else { return positional(input) };
    let word = key.to_string();
    if ahead.peek(Token![=]) && !ahead.peek(Token![==]) && !ahead.peek(Token![=>]) {
        input.parse::<TokenTree>()?;
        input.parse::<Token![=]>()?;
        return Ok(One::Named(Arg { content: Content::Value(value(&key, input)?), key }));
    }
    if ahead.peek(Token![==])
        || ahead.peek(Token![=>])
        || (ahead.peek(Token![:]) && !ahead.peek(Token![::]))
    {
        let wrong = ahead.span();
        return Err(syn::Error::new(wrong, format!("an option is written `{word} = ..`")));
    }
    // A call may give an instance, if it stands where one does and cannot be meant as an option.
    let called = || !first || (words.is_near_option)(&word) || is_no_call(&ahead);
    if ahead.peek(Paren) && ((words.is_option)(&word) || called()) {
        input.parse::<TokenTree>()?;
        let list;
        parenthesized!(list in input);
        return Ok(One::Named(Arg { key, content: Content::List(list.parse()?) }));
    }
    if (ahead.is_empty() || ahead.peek(Token![,])) && (words.is_option)(&word) {
        input.parse::<TokenTree>()?;
        return Ok(One::Named(Arg { key, content: Content::Nothing }));
    }
    positional(input)
}

/// Whether the parentheses ahead hold something that is not an expression, such as a pattern.
fn is_no_call(ahead: ParseStream<'_>) -> bool {
    let read = || {
        let ahead = ahead.fork();
        let list;
        parenthesized!(list in ahead);
        Punctuated::<Expr, Token![,]>::parse_terminated(&list)
    };
    read().map_or(true, |list| {
        let mut words = HashSet::new();
        tokens::words(list.into_token_stream(), &mut words);
        words.contains("_")
    })
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
    if let Some(text) = unquoted(input) {
        let message = format!("put the value of `{key}` in quotes: write `{key} = \"{text}\"`");
        return Err(syn::Error::new(input.span(), message));
    }
    Expr::parse(input).map_err(|error| {
        // At the end of the input there is nothing to point at.
        if error.to_string().starts_with("unexpected end of input") {
            return syn::Error::new(key.span(), format!("the value of `{key}` is not finished"));
        }
        error
    })
}

/// A text that was written without its quotes: `3/5`, `3 in 1m`, `20% of 5 in 1m`.
fn unquoted(input: ParseStream<'_>) -> Option<String> {
    let ahead = input.fork();
    ahead.parse::<Lit>().ok()?;
    let goes_on = ahead.peek(Token![in])
        || ahead.peek(Token![%])
        || ahead.peek(Token![/])
        || Ident::parse_any(&ahead.fork()).is_ok_and(|word| word == "of");
    goes_on.then(|| {
        let ahead = input.fork();
        let mut text = TokenStream::new();
        while !ahead.is_empty() && !ahead.peek(Token![,]) {
            text.extend(ahead.parse::<TokenTree>());
        }
        text.to_string().replace(" %", "%").replace(" / ", "/")
    })
}

/// Whether an option begins here.
fn starts_option(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    Ident::parse_any(&ahead).is_ok() && (ahead.peek(Token![=]) || ahead.peek(Paren))
}

/// What to say of a missing comma.
fn separator(input: ParseStream<'_>) -> &'static str {
    if input.peek(Token![;]) {
        "options are separated by commas: write `,` instead of `;`"
    } else {
        "options are separated by commas: write `,` before this"
    }
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
