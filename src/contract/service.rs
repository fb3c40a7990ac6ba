//! `service/*`: what pages need to know before anybody has signed in.

use super::{Admission, Call, Effect, Endpoint, records::ABOUT, row};

pub(super) const ENDPOINTS: &[Endpoint] =
    &[row("service/about", Call::ServiceAbout, Admission::Anyone, Effect::Read)
        .does("What this service offers before sign-in, so that pages show only what works")
        .replies(ABOUT)];
