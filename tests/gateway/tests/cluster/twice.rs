//! Bad input, row 41: one command sent twice, at once, through two nodes.

use gateway_tests::{Client, Deployment, outbox_id};
use protocol::{Action, Command, CommandId, ConversationId, Down, Outcome, Say, Up};

const WORDS: usize = 20;

async fn answered(client: &mut Client, command: &Command) -> Outcome {
    client.send(&Up::Command(Box::new(command.clone()))).await;
    client
        .next(|frame| match frame {
            Down::Ok(outcome) if outcome.command == command.id => Some(outcome.clone()),
            Down::No(refusal) => panic!("refused: {refusal:?}"),
            _ => None,
        })
        .await
}

fn say(conversation: ConversationId, body: &str) -> Command {
    let id = CommandId { outbox: outbox_id(), ordinal: 1 };
    Command { id, conversation: Some(conversation), action: Action::Say(Say { body: body.to_owned() }) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_41_a_command_that_comes_over_two_nodes_at_once_is_stored_once_and_answered_alike() {
    let deployment = Deployment::start(2, 1).await;
    let mut here = Client::visitor(&deployment.place_on(0)).await;
    let id = here.open("Is somebody there?").await;
    let mut there = Client::connected(&deployment.place_on(1), here.who.clone()).await;
    for word in 0..WORDS {
        let command = say(id, &format!("word {word}"));
        let (one, other) = tokio::join!(answered(&mut here, &command), answered(&mut there, &command));
        assert_eq!(one, other, "two answers to one command");
        // Within the allowance of both sockets.
        tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    }
    let reader = Client::reader(&deployment.place_on(1), here.who.clone(), &[id]).await;
    let said: Vec<String> = (0..WORDS).map(|word| format!("word {word}")).collect();
    assert_eq!(reader.transcript(id).said()[1..], said);
}
