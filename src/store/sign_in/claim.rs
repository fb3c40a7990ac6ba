//! What leads to a sign-in: the claim of its address, and one for each of its identities at providers. They last as
//! long as the sign-in.
//!
//! A claim belongs to the sign-in whose record names what it claims. One that has run out with its sign-in may be somebody
//! else's by now.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    model::{
        id::SignInId,
        sign_in::{ProviderCredential, SignIn},
    },
    store::{
        Conflict, Result, Store,
        ledger::{
            layout,
            record::{Stored, first_version},
            step::Step,
        },
    },
    table::Item,
};

/// Where the sign-in is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SignInClaim {
    pub(super) sign_in_id: SignInId,
    #[serde(skip)]
    pub(super) version: u64,
}

impl Stored for SignInClaim {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// Adds to `step` what becomes of the claims of a sign-in's identities at providers as the sign-in becomes what it is
    /// `after`.
    pub(super) async fn change_provider_claims(
        &self,
        step: &mut Step,
        before: &SignIn,
        after: &SignIn,
    ) -> Result<()> {
        for gone in before.providers().filter(|it| after.provider(&it.identity()).is_none()) {
            self.release(step, before, gone).await?;
        }
        for linked in after.providers() {
            if before.provider(&linked.identity()).is_none() {
                step.claim(
                    provider_item(after, linked, first_version(linked.linked))?,
                    Some(Conflict::ProviderTaken),
                );
            } else if before.unbound_until != after.unbound_until {
                match self.claim_held(before, linked).await? {
                    Some(claim) => {
                        let item = provider_item(after, linked, claim.version + 1)?;
                        step.replace(item, claim.version);
                    }
                    None => step.claim(
                        provider_item(after, linked, first_version(linked.linked))?,
                        Some(Conflict::ProviderTaken),
                    ),
                }
            }
        }
        Ok(())
    }

    /// Adds to `step` that the identities at providers of a sign-in open it no longer.
    pub(super) async fn release_providers(&self, step: &mut Step, sign_in: &SignIn) -> Result<()> {
        for linked in sign_in.providers() {
            self.release(step, sign_in, linked).await?;
        }
        Ok(())
    }

    async fn release(
        &self,
        step: &mut Step,
        sign_in: &SignIn,
        gone: &ProviderCredential,
    ) -> Result<()> {
        if let Some(claim) = self.claim_held(sign_in, gone).await? {
            step.remove(layout::provider_claim(&gone.identity()), claim.version);
        }
        Ok(())
    }

    /// The claim of an identity, if it is still the sign-in's.
    async fn claim_held(
        &self,
        sign_in: &SignIn,
        linked: &ProviderCredential,
    ) -> Result<Option<SignInClaim>> {
        let claim: Option<SignInClaim> =
            self.load(layout::provider_claim(&linked.identity())).await?;
        Ok(claim.filter(|claim| claim.sign_in_id == sign_in.id))
    }
}

/// Adds to `step` the claims of a new sign-in's identities at providers.
pub(super) fn claim_providers(step: &mut Step, sign_in: &SignIn) -> Result<()> {
    for linked in sign_in.providers() {
        step.claim(
            provider_item(sign_in, linked, first_version(linked.linked))?,
            Some(Conflict::ProviderTaken),
        );
    }
    Ok(())
}

fn provider_item(sign_in: &SignIn, linked: &ProviderCredential, version: u64) -> Result<Item> {
    let claim = SignInClaim { sign_in_id: sign_in.id, version: 0 };
    let item = layout::item(layout::provider_claim(&linked.identity()), version, &claim)?;
    Ok(Item { expires: sign_in.unbound_until.map(Timestamp::seconds), ..item })
}

/// The claim of a sign-in's address.
pub(super) fn address_item(sign_in: &SignIn, version: u64) -> Result<Item> {
    let claim = SignInClaim { sign_in_id: sign_in.id, version: 0 };
    let item = layout::item(layout::sign_in_claim(&sign_in.email), version, &claim)?;
    Ok(Item { expires: sign_in.unbound_until.map(Timestamp::seconds), ..item })
}
