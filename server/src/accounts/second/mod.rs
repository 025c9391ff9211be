//! The second factor of an account: switched on and off, and asked for.
//!
//! A secret that an authenticator makes codes of (RFC 6238), and ten codes on paper for when it is lost. Each
//! opens once.

mod recovery;
#[cfg(test)]
mod tests;
mod totp;

use super::{AccountError, Accounts, Result, sessions::SessionKey, throttle::Bucket};
use crate::{
    store::{NewFactor, StoreError, in_time, sealed_factor},
    vault::{Place, Sealed},
};
use engine::Secret;
use model::{SecondFactor, SecondFactorOffer, Timestamp, User, UserId};
use std::time::Duration;
use totp::Authenticator;

/// How long an offer waits for its first code.
const OFFER_MAX: Duration = Duration::from_secs(3600);

impl Accounts {
    /// The second factor of this account, if it is on.
    pub async fn second_factor(&self, id: UserId) -> Result<Option<SecondFactor>> {
        Ok(in_time(self.store.second_factors().of(id)).await?)
    }

    /// A new secret to be taken into an authenticator. Nothing is stored: the sealed offer comes back with
    /// its first code.
    pub fn offer_second_factor(&self, user: &User) -> Result<SecondFactorOffer> {
        let authenticator = Authenticator::generate(&user.name)?;
        let secret = authenticator.secret();
        let offer = Secret::new(format!("{}.{}", self.clock.now().0, secret.expose()));
        let sealed = self.vault.seal(offered(&user.id.to_string()), &offer).map_err(StoreError::from)?;
        let address = authenticator.address()?;
        Ok(SecondFactorOffer {
            secret: secret.expose().clone(),
            picture: totp::picture(address.expose())?,
            address: address.expose().clone(),
            sealed: sealed.into(),
        })
    }

    /// Switches it on, once a code shows that the offer was taken; every other session of the account ends.
    /// Gives the only copy of the recovery codes.
    pub async fn accept_second_factor(
        &self,
        user: &User,
        offer: String,
        code: &str,
        keep: SessionKey,
    ) -> Result<Vec<String>> {
        let secret = self.open_offer(user.id, offer).ok_or(AccountError::Late)?;
        let attempt = self.attempt(&[Bucket::InsideCode(user.id)])?;
        let now = self.clock.now();
        let Some(step) = Authenticator::open(&user.name, &secret)?.step_of(&totp::tidy(code), now) else {
            attempt.failed();
            return Err(AccountError::WrongCode);
        };
        // Whoever asks for an offer can make its codes: that proves nothing, and clears no count.
        attempt.void();
        let codes = recovery::generate()?;
        let new = NewFactor { secret: &secret, step, code_hashes: &recovery::hashes(user.id, &codes) };
        let added = self.store.second_factors().add(user.id, new, &keep.to_string(), &self.vault).await;
        self.sessions.forget_with(&added, user.id, Some(keep));
        added?;
        self.sessions.renew(&User { has_second_factor: true, ..user.clone() });
        Ok(codes)
    }

    /// New recovery codes in place of the old ones.
    pub async fn renew_recovery_codes(&self, id: UserId) -> Result<Vec<String>> {
        let codes = recovery::generate()?;
        self.store.second_factors().replace_codes(id, &recovery::hashes(id, &codes)).await?;
        Ok(codes)
    }

    /// Switches one's own off, for a password and a code; every other session of the account ends.
    pub async fn drop_second_factor(
        &self,
        user: &User,
        password: Secret<String>,
        code: &str,
        keep: SessionKey,
    ) -> Result<()> {
        self.prove(user.id, password).await?;
        self.try_code(user.id, code, &[Bucket::InsideCode(user.id)]).await?;
        let removed = self.store.second_factors().remove(user.id, Some(&keep.to_string())).await;
        self.sessions.forget_with(&removed, user.id, Some(keep));
        removed?;
        self.sessions.renew(&User { has_second_factor: false, ..user.clone() });
        Ok(())
    }

    /// Takes somebody's away, as an admin; all sessions of the account end.
    pub async fn take_second_factor(&self, id: UserId) -> Result<()> {
        let removed = self.store.second_factors().remove(id, None).await;
        self.sessions.forget_with(&removed, id, None);
        Ok(removed?)
    }

    /// A try of a code, counted in `buckets`.
    pub(super) async fn try_code(&self, id: UserId, code: &str, buckets: &[Bucket]) -> Result<()> {
        let attempt = self.attempt(buckets)?;
        match self.is_code_right(id, code).await {
            Ok(true) => {
                attempt.succeeded();
                Ok(())
            }
            Ok(false) => {
                attempt.failed();
                Err(AccountError::WrongCode)
            }
            Err(error) => {
                attempt.void();
                Err(error)
            }
        }
    }

    /// Whether this is a code of the account that was not used before; it is used up by it.
    async fn is_code_right(&self, id: UserId, code: &str) -> Result<bool> {
        let account = in_time(self.store.users().one(id)).await?;
        let sealed = account.totp.ok_or(AccountError::Late)?;
        let code = totp::tidy(code);
        let factors = self.store.second_factors();
        if !totp::is_code(&code) {
            return Ok(in_time(factors.use_code(id, &recovery::hash(id, &code))).await?);
        }
        let secret = self.vault.open(sealed_factor(&id.to_string()), &sealed).map_err(StoreError::from)?;
        let authenticator = Authenticator::open(&account.user.name, &secret)?;
        let Some(step) = authenticator.step_of(&code, self.clock.now()) else { return Ok(false) };
        Ok(in_time(factors.use_step(id, step)).await?)
    }

    /// The secret of an offer that was made to this account not too long ago.
    fn open_offer(&self, id: UserId, offer: String) -> Option<Secret<String>> {
        let opened = self.vault.open(offered(&id.to_string()), &Sealed::from(offer)).ok()?;
        let (made, secret) = opened.expose().split_once('.')?;
        let age_ms = self.clock.now().since_ms(Timestamp(made.parse().ok()?));
        let is_late = u128::from(age_ms.unsigned_abs()) >= OFFER_MAX.as_millis();
        (!is_late).then(|| Secret::new(secret.to_owned()))
    }
}

/// What an offer is sealed for: it opens as no stored secret, nor for another account.
fn offered(row: &str) -> Place<'_> {
    Place { table: "users", column: "totp_offer", row }
}
