//! Dispatch: an input to the desk that owns its site. Full means `busy`, never a silent drop.

use crate::switchboard::Switchboard;
use crate::switchboard::mailbox::Undelivered;
use gateway_core::desk::input::Input;
use gateway_core::ids::{SiteId, Socket};
use gateway_core::session::NotSubmitted;

/// A desk that closes while we knock is opened again this often.
const KNOCKS_MAX: u32 = 3;

impl Switchboard {
    /// Hands an input to the site's desk, opening it when need be; gives it back when it cannot be taken.
    pub fn submit(&self, site: SiteId, socket: Socket, input: Input) -> Result<(), (Box<Input>, NotSubmitted)> {
        let mut input = input;
        for _ in 0..KNOCKS_MAX {
            let mail = self.desks.mail(site);
            match mail.post(socket, input, self.clock.now().instant) {
                Ok(()) => return Ok(()),
                Err(Undelivered::Refused(input, why)) => return Err((input, why)),
                Err(Undelivered::Closed(back)) => input = *back,
            }
        }
        Err((Box::new(input), NotSubmitted::Busy))
    }

    /// Tells the site's desk that a socket has ended, behind all that it said.
    pub async fn leave(&self, site: SiteId, socket: Socket) {
        if let Some(mail) = self.desks.open_mail(site) {
            mail.post_leave(socket).await;
        }
    }
}
