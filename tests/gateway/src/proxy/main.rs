//! `fault-proxy LISTEN GATEWAY [WAY.SETTING=VALUE …]`: the proxy of the tests as a program, for trying a client by hand.
//!
//! Ways are `up` and `down`; settings are those of a flow: `delay_ms`, `bytes_per_second`, `piece_bytes_max`, `swallows`.

use gateway_tests::{Flow, Proxy};
use std::io::Write;
use std::net::SocketAddr;
use std::process::ExitCode;

struct Wish {
    listen: SocketAddr,
    gateway: SocketAddr,
    up: Flow,
    down: Flow,
}

fn read(arguments: &[String]) -> Result<Wish, String> {
    let [listen, gateway, settings @ ..] = arguments else {
        return Err("fault-proxy LISTEN GATEWAY [WAY.SETTING=VALUE …]".to_owned());
    };
    let address = |text: &String| text.parse().map_err(|error| format!("{text:?}: {error}"));
    let (mut up, mut down) = (Flow::default(), Flow::default());
    for setting in settings {
        let Some((way, (name, value))) =
            setting.split_once('.').and_then(|(way, rest)| Some((way, rest.split_once('=')?)))
        else {
            return Err(format!("{setting:?} is not of the form WAY.SETTING=VALUE"));
        };
        match way {
            "up" => up.set(name, value)?,
            "down" => down.set(name, value)?,
            other => return Err(format!("{other:?} is neither `up` nor `down`")),
        }
    }
    Ok(Wish { listen: address(listen)?, gateway: address(gateway)?, up, down })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wish = match read(&arguments) {
        Ok(wish) => wish,
        Err(fault) => {
            // Nobody is left to tell when even this cannot be written.
            let _ = writeln!(std::io::stderr(), "{fault}");
            return ExitCode::FAILURE;
        }
    };
    let proxy = Proxy::listen(wish.listen, wish.gateway).await;
    proxy.up.set(wish.up);
    proxy.down.set(wish.down);
    let _ = writeln!(std::io::stdout(), "proxying address={}", proxy.address());
    proxy.serve().await;
    ExitCode::SUCCESS
}
