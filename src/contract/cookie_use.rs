//! The cookie of browsers, as far as calls have to do with it.

/// What a call has to do with the cookie that holds a refresh token in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieUse {
    /// Nothing.
    None,
    /// It begins a session, in the cookie if the caller says so.
    Gives,
    /// It takes the token from the cookie if there is none in the body.
    Takes,
    /// It clears the cookie if it ends its session.
    Clears,
}
