//! On a trait: a struct around any implementation, whose methods have the policies.

use std::collections::HashSet;

use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident};
use syn::{Attribute, GenericParam, Generics, ItemTrait, Meta, TraitItem, TraitItemFn};

use super::method::{self, Bounds};
use super::options::Options;
use crate::errors::Errors;
use crate::item::tokens;

/// Tokens whose names are those of the user, at no place of the user's.
macro_rules! quote {
    ($($tokens:tt)*) => {
        ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($tokens)*)
    };
}

/// The names of the decorator's parameters.
pub(super) struct Names {
    /// The implementation inside.
    pub inner: Ident,
    /// What holds it: itself, or a pointer.
    pub held: Ident,
}

/// Expands `#[resilient(..)]` on a trait.
pub(super) fn expand(args: &TokenStream, item: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let options = Options::read(args, &mut errors);
    let Some(mut item_trait) = errors.take(syn::parse2::<ItemTrait>(item.clone())) else {
        let report = errors.report();
        return quote!(#item #report);
    };
    let policies: Vec<_> = item_trait.items.iter_mut().map(take_policies).collect();
    let has_policies = policies.iter().flatten().any(|attr| !attr.path().is_ident("resilient"));
    if options.is_empty() && !has_policies && errors.is_empty() {
        errors.at(
            Span::call_site(),
            "no policy is named: write policies, the outermost first, `#[resilient(retry(max = 3), timeout(\"10s\"))]`, or put \
             some on the methods",
        );
    }
    let decorator = Decorator::new(&item_trait, &options);
    let (structure, implementation) =
        (decorator.structure(), decorator.implementation(&policies, &mut errors));
    let report = errors.report();
    quote!(#item_trait #structure #implementation #report)
}

/// Takes the policies off a method: they are for the decorator.
fn take_policies(item: &mut TraitItem) -> Vec<Attribute> {
    let TraitItem::Fn(method) = item else { return Vec::new() };
    let is_ours = |attr: &Attribute| {
        let last =
            attr.path().segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        matches!(last.as_str(), "policies" | "resilient")
            || failsafe_config::policy(&last).is_some()
    };
    let (ours, others) = std::mem::take(&mut method.attrs).into_iter().partition(is_ours);
    method.attrs = others;
    ours
}

struct Decorator<'a> {
    item: &'a ItemTrait,
    name: Ident,
    names: Names,
    /// The attribute with the policies of the trait.
    defaults: Option<Group>,
}

impl<'a> Decorator<'a> {
    fn new(item: &'a ItemTrait, options: &Options) -> Self {
        let mut taken = HashSet::new();
        tokens::words(item.to_token_stream(), &mut taken);
        let free = |name: &str| {
            let mut name = name.to_owned();
            while taken.contains(&name) {
                name.push('_');
            }
            Ident::new(&name, Span::mixed_site())
        };
        let names = Names { inner: free("Inner"), held: free("Held") };
        let defaults = Some(options.attribute());
        Self { item, name: format_ident!("Resilient{}", item.ident), names, defaults }
    }

    /// The struct and its own methods.
    fn structure(&self) -> TokenStream {
        let Self { item, name, names: Names { inner, held }, .. } = self;
        let (vis, ident) = (&item.vis, &item.ident);
        let name_of_type = name.to_string();
        let shared: Vec<_> = method::shared(&item.attrs).collect();
        let doc = format!(
            " Any implementation of [`{ident}`] under policies: its methods are those of the implementation inside, which is held \
             itself (`{name}::new`) or by a pointer (`{name}::of`)."
        );
        quote! {
            #(#shared)*
            #[doc = #doc]
            #vis struct #name<#inner: ?::core::marker::Sized, #held = #inner> {
                held: #held,
                inner: ::core::marker::PhantomData<fn() -> *const #inner>,
            }

            #(#shared)*
            #[allow(dead_code, clippy::must_use_candidate, clippy::return_self_not_must_use, reason = "each is there if it is needed")]
            const _: () = {
                impl<#inner> #name<#inner> {
                    /// Around an implementation.
                    #vis const fn new(inner: #inner) -> Self {
                        Self { held: inner, inner: ::core::marker::PhantomData }
                    }
                }

                impl<#held: ::core::ops::Deref> #name<<#held as ::core::ops::Deref>::Target, #held> {
                    /// Around an implementation behind a pointer, such as `Arc<dyn Trait>`, `Box<dyn Trait>` or `&T`.
                    #vis const fn of(pointer: #held) -> Self {
                        Self { held: pointer, inner: ::core::marker::PhantomData }
                    }
                }

                impl<#inner: ?::core::marker::Sized, #held> #name<#inner, #held> {
                    /// The implementation inside, without the policies.
                    #vis fn inner(&self) -> &#inner
                    where
                        #held: ::core::borrow::Borrow<#inner>,
                    {
                        ::core::borrow::Borrow::borrow(&self.held)
                    }

                    /// The implementation inside, without the policies.
                    #vis fn inner_mut(&mut self) -> &mut #inner
                    where
                        #held: ::core::borrow::BorrowMut<#inner>,
                    {
                        ::core::borrow::BorrowMut::borrow_mut(&mut self.held)
                    }

                    /// What it was made around: the implementation, or the pointer to it.
                    #vis fn into_inner(self) -> #held {
                        self.held
                    }
                }

                impl<#inner: ?::core::marker::Sized, #held: ::core::clone::Clone> ::core::clone::Clone for #name<#inner, #held> {
                    fn clone(&self) -> Self {
                        Self { held: ::core::clone::Clone::clone(&self.held), inner: ::core::marker::PhantomData }
                    }
                }

                impl<#inner: ?::core::marker::Sized, #held: ::core::fmt::Debug> ::core::fmt::Debug for #name<#inner, #held> {
                    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                        formatter.debug_tuple(#name_of_type).field(&self.held).finish()
                    }
                }
            };
        }
    }

    /// The trait, implemented by the struct.
    fn implementation(&self, policies: &[Vec<Attribute>], errors: &mut Errors) -> TokenStream {
        let Self { item, name, names: Names { inner, held }, .. } = self;
        let mut bounds = Bounds::default();
        let items: Vec<_> = item
            .items
            .iter()
            .zip(policies)
            .map(|(item, own)| self.item(item, own, &mut bounds, errors))
            .collect();
        let (unsafety, ident) = (&item.unsafety, &item.ident);
        let shared = method::shared(&item.attrs);
        let mut generics = item.generics.clone();
        undefault(&mut generics);
        generics.params.push(syn::parse_quote!(#inner));
        generics.params.push(syn::parse_quote!(#held));
        let (_, of, _) = item.generics.split_for_impl();
        let unsized_bound = (!bounds.is_sized).then(|| quote!(+ ?::core::marker::Sized));
        let (borrow, further) = (bounds.borrow(), bounds.of_held());
        let of_inner = bounds.of_inner.iter();
        let predicates = generics.make_where_clause();
        // The whole trait is for what it is above, so that what is missing is said where the decorator is used.
        if !item.supertraits.is_empty() {
            let supertraits = &item.supertraits;
            predicates.predicates.push(syn::parse_quote!(Self: #supertraits));
        }
        predicates.predicates.push(syn::parse_quote!(#inner: #ident #of #unsized_bound));
        predicates.predicates.push(syn::parse_quote!(#held: #borrow<#inner> #(+ #further)*));
        predicates.predicates.extend(
            of_inner.map(|bound| -> syn::WherePredicate { syn::parse_quote!(#inner: #bound) }),
        );
        let (params, _, predicates) = generics.split_for_impl();
        quote! {
            #(#shared)*
            #[allow(deprecated, reason = "a deprecated method is passed on as well")]
            #unsafety impl #params #ident #of for #name<#inner, #held> #predicates {
                #(#items)*
            }
        }
    }

    /// An item of the implementation.
    fn item(
        &self,
        item: &TraitItem,
        own: &[Attribute],
        bounds: &mut Bounds,
        errors: &mut Errors,
    ) -> TokenStream {
        let target = self.target();
        match item {
            TraitItem::Const(item) => {
                let (shared, name, ty) = (method::shared(&item.attrs), &item.ident, &item.ty);
                quote!(#(#shared)* const #name: #ty = #target::#name;)
            }
            TraitItem::Type(item) => {
                let (shared, name) = (method::shared(&item.attrs), &item.ident);
                let mut generics = item.generics.clone();
                undefault(&mut generics);
                let (params, of, predicates) = generics.split_for_impl();
                quote!(#(#shared)* type #name #params = #target::#name #of #predicates;)
            }
            TraitItem::Fn(item) => {
                let attrs = self.attributes(item, own);
                let delegate =
                    method::delegate(item, &target, &self.names, !attrs.is_empty(), bounds, errors);
                let shared = method::shared(&item.attrs);
                quote!(#(#shared)* #(#attrs)* #delegate)
            }
            other => {
                errors.on(
                    other,
                    "a decorator cannot look into this: write the items of the trait themselves",
                );
                TokenStream::new()
            }
        }
    }

    /// The policies of a method.
    fn attributes(&self, method: &TraitItemFn, own: &[Attribute]) -> Vec<TokenStream> {
        let is_skipped = own.iter().any(|attr| {
            attr.path().segments.last().is_some_and(|last| last.ident == "resilient")
                && matches!(&attr.meta, Meta::List(list) if list.tokens.to_string() == "skip")
        });
        let is_left_alone = own.is_empty() && !method::is_async(&method.sig);
        if is_left_alone || is_skipped && own.len() == 1 {
            return Vec::new();
        }
        let defaults = self.defaults.iter().map(|defaults| quote!(# #defaults));
        defaults.chain(own.iter().map(ToTokens::to_token_stream)).collect()
    }

    /// `<Inner as Trait<..>>`
    fn target(&self) -> TokenStream {
        let (inner, ident) = (&self.names.inner, &self.item.ident);
        let (_, of, _) = self.item.generics.split_for_impl();
        quote!(<#inner as #ident #of>)
    }
}

/// Removes the defaults of type parameters, which an `impl` has none of.
fn undefault(generics: &mut Generics) {
    for param in &mut generics.params {
        match param {
            GenericParam::Type(param) => param.default = None,
            GenericParam::Const(param) => param.default = None,
            GenericParam::Lifetime(_) => {}
        }
    }
}
