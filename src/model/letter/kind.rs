//! The kinds of letters.

/// The kinds of letters, by which templates are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is described where its content is")]
pub enum Kind {
    Invite,
    Verify,
    AlreadySignedUp,
    Reset,
    ConfirmCode,
    ProviderCode,
    ProviderLinked,
    ProviderRemoved,
    ConfirmEmail,
    EmailInUse,
    PasswordChanged,
    EmailChanged,
    SecondFactorRemoved,
    SecondFactorOn,
    SecondFactorOff,
    SessionsEnded,
    SignInRemoved,
    Unbound,
    KeyCreated,
    RecoveryCodeUsed,
    RoleGranted,
    NewSignIn,
    Test,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 23] = [
        Self::Invite,
        Self::Verify,
        Self::AlreadySignedUp,
        Self::Reset,
        Self::ConfirmCode,
        Self::ProviderCode,
        Self::ProviderLinked,
        Self::ProviderRemoved,
        Self::ConfirmEmail,
        Self::EmailInUse,
        Self::PasswordChanged,
        Self::EmailChanged,
        Self::SecondFactorRemoved,
        Self::SecondFactorOn,
        Self::SecondFactorOff,
        Self::SessionsEnded,
        Self::SignInRemoved,
        Self::Unbound,
        Self::KeyCreated,
        Self::RecoveryCodeUsed,
        Self::RoleGranted,
        Self::NewSignIn,
        Self::Test,
    ];

    /// Its name on the wire and in the names of templates.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Verify => "verify",
            Self::AlreadySignedUp => "already_signed_up",
            Self::Reset => "reset",
            Self::ConfirmCode => "confirm_code",
            Self::ProviderCode => "provider_code",
            Self::ProviderLinked => "provider_linked",
            Self::ProviderRemoved => "provider_removed",
            Self::ConfirmEmail => "confirm_email",
            Self::EmailInUse => "email_in_use",
            Self::PasswordChanged => "password_changed",
            Self::EmailChanged => "email_changed",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::SecondFactorOn => "second_factor_on",
            Self::SecondFactorOff => "second_factor_off",
            Self::SessionsEnded => "sessions_ended",
            Self::SignInRemoved => "sign_in_removed",
            Self::Unbound => "unbound",
            Self::KeyCreated => "key_created",
            Self::RecoveryCodeUsed => "recovery_code_used",
            Self::RoleGranted => "role_granted",
            Self::NewSignIn => "new_sign_in",
            Self::Test => "test",
        }
    }
}
