//! Empties functions that our pages can never reach but that tables of function pointers keep alive.
//!
//! An erased view carries a pointer for every way of waking it up. We wake pages in one way only, so the
//! others are dead weight, a tenth of the bundle: no linker can know that, but we do. Should one be
//! called after all, the browser traps at once and the browser tests say so.

use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Parts of names.
const UNREACHABLE: &[&str] = &[
    // Only `leptos::mount::hydrate_lazy` waits between nodes.
    "any_view::IntoAny>::into_any::hydrate_async",
    // Only the `template!` macro wakes up clones of a template.
    "any_attribute::IntoAnyAttribute>::into_any_attr::hydrate_from_template",
];

/// Answers how many functions were emptied.
pub fn prune(module: &mut Module) -> usize {
    let doomed: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .filter_map(|(id, _)| {
            let name = module.funcs.get(id).name.as_deref()?;
            UNREACHABLE.iter().any(|part| name.contains(part)).then_some(id)
        })
        .collect();
    for id in &doomed {
        empty(module, *id);
    }
    doomed.len()
}

fn empty(module: &mut Module, id: FunctionId) {
    let ty = module.types.get(module.funcs.get(id).ty());
    let (params, results) = (ty.params().to_vec(), ty.results().to_vec());
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    let locals = params.iter().map(|param| module.locals.add(*param)).collect();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(locals));
}
