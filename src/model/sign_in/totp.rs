//! A second factor as a credential: an authenticator app (RFC 6238), and codes for the day when it is
//! lost. A sign-in has one at most.

use serde::{Deserialize, Serialize};

use super::{Credential, SignIn};

/// What is kept of an authenticator app.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TotpCredential {
    /// The secret that the app shares, sealed.
    pub secret: String,
    /// Whether a code has shown that the app has it; before that, no code is asked for.
    pub confirmed: bool,
    /// The time step of the last code, which does not work again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_step: Option<u64>,
    /// Digests of the recovery codes that have not been used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery: Vec<String>,
}

impl SignIn {
    /// The authenticator app, confirmed or not.
    pub(crate) fn totp(&self) -> Option<&TotpCredential> {
        self.credentials.find(|credential| {
            if let Credential::Totp(totp) = credential { Some(totp) } else { None }
        })
    }

    /// The second factor that is asked for, if one is.
    pub(crate) fn second_factor(&self) -> Option<&TotpCredential> {
        self.totp().filter(|totp| totp.confirmed)
    }

    /// The same with this app, in place of one that it had.
    #[must_use]
    pub(crate) fn with_totp(self, totp: TotpCredential) -> Self {
        self.with_credential(Credential::Totp(totp))
    }

    /// The same without an app.
    #[must_use]
    pub(crate) fn without_totp(mut self) -> Self {
        self.credentials.remove(|credential| matches!(credential, Credential::Totp(_)));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sign_in::tests::*;

    #[test]
    fn it_is_asked_for_once_confirmed() {
        let enrolled = ada().with_totp(TotpCredential { confirmed: false, ..totp() });
        assert_eq!((enrolled.totp().is_some(), enrolled.second_factor()), (true, None));
        let confirmed = enrolled.with_totp(totp());
        assert_eq!(confirmed.second_factor(), Some(&totp()));
        assert_eq!(confirmed.without_totp(), ada());
    }
}
