//! A policy around a body that is not known when it is compiled, as [`with`](crate::with) has them.

/// Makes a handle a [`Policy`](crate::executor::Policy) and a
/// [`BlockingPolicy`](crate::executor::BlockingPolicy). `around` is a macro:
/// `around!(async call, policy, attempt)`, and the same with `blocking`.
macro_rules! guard {
    ($policy:ident $(<$hooks:ident: $trait:ident>)?, $around:ident) => {
        impl<R: Send $(, $hooks: $trait<R> + Sync)?> $crate::executor::Policy<R>
            for $policy $(<$hooks>)?
        {
            async fn guard<B: $crate::executor::Body<R>>(
                &self,
                call: &mut $crate::attempt::Call,
                body: &B,
            ) -> $crate::outcome::Flow<R> {
                $around!(async *call, self, body.run(call).await)
            }
        }

        impl<R $(, $hooks: $trait<R>)?> $crate::executor::BlockingPolicy<R>
            for $policy $(<$hooks>)?
        {
            fn guard_blocking(
                &self,
                call: &mut $crate::attempt::Call,
                body: &mut dyn FnMut(&mut $crate::attempt::Call) -> $crate::outcome::Flow<R>,
            ) -> $crate::outcome::Flow<R> {
                $around!(blocking *call, self, body(call))
            }
        }
    };
}

pub(crate) use guard;
