//! `#[policies(NAME)]`: the use of a stack.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote, quote_spanned};
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, Path, Token};

use super::{CALL, group_at};
use crate::defer::{self, Origin};
use crate::item::tokens::Item;

/// Expands `#[policies(args)]` to a call of the macro that the stack is.
pub(crate) fn apply(args: &TokenStream, item: &TokenStream) -> TokenStream {
    if let Some(message) = defer::misplaced("policies", item) {
        let place = Span::call_site();
        return quote_spanned!(place=> #item ::core::compile_error! { #message });
    }
    match path(args.clone()) {
        Ok(path) => {
            let krate = defer::krate(args).unwrap_or_default();
            let origin = Origin { krate, site: path.to_token_stream(), is_default: false };
            call(&path, &origin, item)
        }
        Err(error) => {
            let report = error.to_compile_error();
            quote!(#item #report)
        }
    }
}

/// Puts the policies of a stack, `[origin] kind(args) ..`, below those that the item has already.
pub(crate) fn place(args: TokenStream, item: TokenStream) -> TokenStream {
    let span = Span::call_site();
    let mut tokens = args.into_iter();
    let Some(TokenTree::Group(origin)) = tokens.next() else { return item };
    let origin = Origin::read(&origin);
    let krate = origin.krate();
    let mut item = Item::split(item);
    while let Some(TokenTree::Ident(kind)) = tokens.next() {
        let Some(TokenTree::Group(args)) = tokens.next() else { break };
        if kind == "policies" {
            let rest: TokenStream = tokens.collect();
            return nested(&origin, args.stream(), &rest, item);
        }
        // As the attribute itself would put it there: generated code, at the place of the user's.
        let name = Ident::new(&kind.to_string(), span.located_at(kind.span()));
        let from = origin.to_group();
        defer::push(&mut item, span, krate.clone(), &quote!(#name #args #from));
    }
    item.join()
}

/// A stack within a stack: its macro is called with what comes after it on top of the item.
fn nested(origin: &Origin, args: TokenStream, rest: &TokenStream, mut item: Item) -> TokenStream {
    if !rest.is_empty() {
        let span = Span::call_site();
        let krate = origin.krate().unwrap_or_else(|| quote_spanned!(span=> ::failsafe));
        let (call, from) = (Ident::new(CALL, span), origin.to_group());
        let later = quote_spanned!(span=> #krate::#call(#from #rest));
        item.attrs.insert(0, group_at(span, Group::new(Delimiter::Bracket, later)));
    }
    let item = item.join();
    match path(args) {
        Ok(path) => {
            let mut origin = origin.clone();
            if origin.site.is_empty() {
                origin.site = path.to_token_stream();
            }
            call(&path, &origin, &item)
        }
        // It was reported where the stack is declared.
        Err(_) => item,
    }
}

/// The call of a stack's macro, all of which is where the path is.
fn call(path: &Path, origin: &Origin, item: &TokenStream) -> TokenStream {
    let place = path.segments.last().map_or_else(Span::call_site, |last| last.ident.span());
    let (word, from) = (Ident::new(CALL, place), origin.to_group());
    let input = quote_spanned!(place=> @#word #from #item);
    let input = group_at(place, Group::new(Delimiter::Brace, input));
    quote_spanned!(place=> #path! #input)
}

/// The path of the stack in `#[policies(path, crate = path)]`.
pub(crate) fn path(args: TokenStream) -> syn::Result<Path> {
    const WRITE: &str =
        "write the name of a stack, `#[policies(PAYMENTS)]`, that `failsafe::stack!` declares";
    if args.is_empty() {
        return Err(Error::new(Span::call_site(), format!("no stack is named: {WRITE}")));
    }
    let parser = |input: ParseStream<'_>| {
        let first = input.cursor().token_stream();
        let ahead = input.fork();
        if ahead.parse::<Token![crate]>().is_ok() && ahead.peek(Token![=]) {
            return Err(Error::new_spanned(first, format!("the stack comes first: {WRITE}")));
        }
        let path = Path::parse_mod_style(input).map_err(|_| {
            Error::new_spanned(first, format!("this is no name of a stack: {WRITE}"))
        })?;
        rest(input, &path)?;
        Ok(path)
    };
    parser.parse2(args)
}

/// What may come after the path.
fn rest(input: ParseStream<'_>, path: &Path) -> syn::Result<()> {
    let name = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    if input.peek(syn::token::Paren) {
        let message = match failsafe_config::policy(&name) {
            Some(_) => format!(
                "`policies` takes the name of a stack: write `#[{name}(..)]` on the function, or declare a stack with it"
            ),
            None => format!("a stack takes no options: write `#[policies({name})]`"),
        };
        return Err(Error::new_spanned(input.parse::<TokenStream>()?, message));
    }
    while !input.is_empty() {
        if input.peek(Token![!]) {
            let message = format!("write the name alone: `#[policies({name})]`");
            return Err(Error::new_spanned(input.parse::<TokenStream>()?, message));
        }
        input.parse::<Token![,]>().map_err(|error| {
            Error::new(error.span(), "`policies` takes one path; this does not belong to it")
        })?;
        if input.is_empty() {
            break;
        }
        let ahead = input.fork();
        if ahead.parse::<Token![crate]>().is_ok() && ahead.peek(Token![=]) {
            input.parse::<Token![crate]>()?;
            input.parse::<Token![=]>()?;
            input.call(Path::parse_mod_style)?;
            continue;
        }
        let second = input.parse::<TokenStream>()?;
        return Err(Error::new_spanned(
            second,
            format!(
                "one stack an attribute: write another `#[policies(..)]` below `#[policies({name})]`, and what belongs to one \
                 function in attributes of its own"
            ),
        ));
    }
    Ok(())
}
