//! How many files the process may have open: each connection is one.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::gate::RESERVE;

/// What the process needs besides connections: the table, the log, the mail server, issuers.
const OTHERS: usize = 256;

/// Has the process be allowed as many files as so many connections take, as far as the system lets it; returns how many
/// connections that is enough for.
pub(crate) fn allow(connections: usize) -> usize {
    let wanted = connections.saturating_add(RESERVE + OTHERS);
    let wanted = u64::try_from(wanted).unwrap_or(u64::MAX);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let has = |limit: Option<u64>| limit.is_none_or(|limit| limit >= wanted);
    if has(current) {
        return connections;
    }
    // No more than it takes: some programs walk through all that there could be.
    let raised = maximum.map_or(wanted, |most| most.min(wanted));
    let allowed = match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
        Ok(()) => raised,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files cannot be raised");
            current.unwrap_or(wanted)
        }
    };
    if allowed >= wanted {
        return connections;
    }
    let fits = usize::try_from(allowed).unwrap_or(usize::MAX);
    let fits = fits.saturating_sub(RESERVE + OTHERS).clamp(1, connections.max(1));
    tracing::warn!(
        max_connections = connections,
        open_files = allowed,
        lowered_to = fits,
        "the system allows fewer open files than max_connections takes: raise the limit (ulimit -Hn, LimitNOFILE)"
    );
    fits
}
