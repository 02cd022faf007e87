//! Roll call: who has joined, as the inputs that would make another desk of the site know them.

use crate::desk::Desk;
use crate::desk::input::{Input, Join};
use crate::desk::views::Listed;
use crate::ids::{Principal, Socket};
use protocol::{FollowFrom, Page, Position, View};

impl Desk {
    /// The joined sockets with all they follow and watch, and those that wait for the store to do so, in an order that
    /// a successor can be told.
    #[must_use]
    pub fn roll_call(&self) -> Vec<Input> {
        let mut calls = Vec::new();
        for (socket, joined) in self.sockets.iter() {
            let follow = |conversation| FollowFrom { conversation, position: Position::default() };
            calls.push(Input::Join(Box::new(Join {
                socket,
                principal: joined.principal,
                session: joined.session,
                generation: joined.generation,
                follows: joined.follows.iter().copied().map(follow).collect(),
                page: Some(Page {
                    url: joined.url.clone(),
                    title: joined.title.clone(),
                    language: joined.language.clone(),
                }),
                browser: joined.browser.clone(),
            })));
            if joined.availability {
                calls.push(Input::Availability { socket });
            }
            let views = [View::Mine, View::Line, View::All, View::Closed, View::Roster];
            let watched = views.into_iter().filter(|view| self.watches(socket, joined.principal, *view));
            calls.extend(watched.map(|view| Input::Watch { socket, view }));
        }
        calls.extend(self.loads.waiting().filter(|input| !input.is_command()).cloned());
        calls.extend(self.leaving.iter().map(|socket| Input::SendAway { socket: *socket }));
        calls
    }

    /// Commands of earlier batches that are not answered: they wait for the store, or went on since the last commit.
    #[must_use]
    pub fn unanswered(&self) -> Vec<Input> {
        self.batch.carried.iter().chain(self.loads.waiting().filter(|input| input.is_command())).cloned().collect()
    }

    fn watches(&self, socket: Socket, principal: Principal, view: View) -> bool {
        let (Socket::Agent(socket), Principal::Agent(id)) = (socket, principal) else { return false };
        match Listed::of(view, id) {
            Some(list) => self.views.is_watched_by(list, socket),
            None => self.views.roster_watchers().contains(&socket),
        }
    }
}
