//! One value of a form: how to read it, and how to change it.

use leptos::prelude::*;

/// Made from a signal of its own, or of a part of a bigger one with [`bind!`](crate::bind).
pub struct Bind<T: Send + Sync + 'static> {
    pub read: Signal<T>,
    pub write: Callback<T>,
}

impl<T: Send + Sync + 'static> Clone for Bind<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Bind<T> {}

impl<T: Send + Sync + 'static> Bind<T> {
    pub fn new(
        read: impl Fn() -> T + Send + Sync + 'static,
        write: impl Fn(T) + Send + Sync + 'static,
    ) -> Self {
        Self { read: Signal::derive(read), write: Callback::new(write) }
    }
}

impl<T: Clone + Send + Sync + 'static> From<RwSignal<T>> for Bind<T> {
    fn from(value: RwSignal<T>) -> Self {
        Self::new(move || value.get(), move |changed| value.set(changed))
    }
}

/// A value of its own.
impl<T: Clone + Default + Send + Sync + 'static> Default for Bind<T> {
    fn default() -> Self {
        RwSignal::new(T::default()).into()
    }
}

/// `bind!(form.login.port)`: one field of the struct in the signal `form`.
#[macro_export]
macro_rules! bind {
    ($form:ident . $($field:ident).+) => {
        $crate::parts::Bind::new(
            move || $form.with(|form| form.$($field).+.clone()),
            move |changed| $form.update(|form| form.$($field).+ = changed),
        )
    };
}
