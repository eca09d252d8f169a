//! A whole stack: read, checked and rendered, or reported with everything that is wrong with it.

use crate::defer::{self, Entry};
use crate::errors::Errors;
use crate::item::Function;
use crate::read::Layer;
use crate::{check, render};
use proc_macro2::TokenStream;
use quote::quote;

/// Expands the attributes of one function.
pub(crate) fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let entries = defer::entries(args);
    let krate = entries.iter().find_map(|entry| defer::krate(&entry.args));
    let krate = krate.unwrap_or_else(|| quote!(::failsafe));
    let mut errors = Errors::default();
    let function = errors.take(Function::read(item.clone()));
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

fn read(entries: &[Entry], errors: &mut Errors) -> Vec<Layer> {
    let specs = entries
        .iter()
        .filter_map(|entry| failsafe_config::policy(&entry.kind).map(|spec| (spec, entry)));
    specs.map(|(spec, entry)| Layer::read(spec, entry, errors)).collect()
}
