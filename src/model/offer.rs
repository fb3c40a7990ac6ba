//! What the service offers before anyone has signed in, as far as the settings decide it.

/// What pages have to know before anybody has signed in.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What people can show to come in: `password`; `token`, of an outside issuer.
    pub ways_in: Vec<String>,
    /// The origin whose pages may ask for the cookie without being listed, where there can be one.
    pub cookie_origin: Option<String>,
    /// The languages that emails are written in.
    pub languages: Vec<String>,
    /// The most bytes in the body of a request.
    pub body_bytes: usize,
}
