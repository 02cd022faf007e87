//! Link: one node among its peers. With one node there is nobody to beat to; the place is held for the rules of
//! beats, holes, ownership and roll calls.
