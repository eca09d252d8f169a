/// The candidate a misspelt word most likely meant, if one is near enough.
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let word = written.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed(&word, candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The end of a message about an unknown word: the likely one, or all there are.
pub fn did_you_mean<'a>(
    written: &str,
    what: &str,
    candidates: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    nearest(written, candidates.clone()).map_or_else(
        || format!("{what} are: {}", candidates.into_iter().collect::<Vec<_>>().join(", ")),
        |candidate| format!("did you mean `{candidate}`?"),
    )
}

/// How many edits still look like a slip: none in words of one letter, more in longer ones. A word
/// that contains the candidate between underscores (`max_retries` for `max`), or its beginning
/// (`failure_threshold` for `failures`), is taken for it.
fn allowed(word: &str, candidate: &str) -> usize {
    let contains = |long: &str, short: &str| long.split('_').any(|part| part == short);
    let begins = |part: &str| part.len() >= 4 && candidate.starts_with(part);
    if contains(word, candidate) || contains(candidate, word) || word.split('_').any(begins) {
        return usize::MAX;
    }
    word.len().max(candidate.len()) / 3
}

/// Edits from one word to the other, a swap of neighbours counting as one (optimal string
/// alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    let mut rows = vec![vec![0; to.len() + 1]; from.len() + 1];
    for i in 0..=from.len() {
        for j in 0..=to.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let change = rows[i - 1][j - 1] + usize::from(from[i - 1] != to[j - 1]);
                let mut least = change.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
                if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                    least = least.min(rows[i - 2][j - 2] + 1);
                }
                least
            };
        }
    }
    rows[from.len()][to.len()]
}
