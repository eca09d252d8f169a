//! A whole stack: read, checked and rendered, or reported with everything that is wrong with it.

use crate::defer::{self, Entry};
use crate::errors::Errors;
use crate::item::Function;
use crate::read::Layer;
use crate::{check, named, render, resilient};
use proc_macro2::TokenStream;
use quote::quote;

/// Expands the attributes of one function.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let entries = defer::entries(args);
    let krate = entries.iter().find_map(Entry::krate);
    let krate = krate.unwrap_or_else(|| quote!(::failsafe));
    let mut errors = Errors::default();
    let entries = resilient::settle(entries, || Function::waits(item.clone()), &mut errors);
    if entries.is_empty() {
        let report = errors.report();
        return quote!(#item #report);
    }
    let function = errors.take(Function::read(item.clone()));
    let names = function.as_ref().map(Function::bindings).unwrap_or_default();
    let entries: Vec<_> = entries.into_iter().map(|entry| named::at_home(entry, &names)).collect();
    let layers = read(&entries, &mut errors);
    check::check(&layers, function.as_ref(), &mut errors);
    match function {
        Some(function) if errors.is_empty() => render::function(&function, &layers, &krate),
        _ => {
            let (original, report) = (Function::original(item), errors.report());
            quote!(#original #report)
        }
    }
}

/// Reads the policies among the attributes.
pub(crate) fn read(entries: &[Entry], errors: &mut Errors) -> Vec<Layer> {
    let specs = entries
        .iter()
        .filter_map(|entry| failsafe_config::policy(&entry.kind).map(|spec| (spec, entry)));
    specs.map(|(spec, entry)| Layer::read(spec, entry, errors)).collect()
}
