internal import TheriacGeneration
internal import TheriacRemote

/// Whether a server drew at all. Some ignore the temperature unless they are told to sample elsewhere, and give one text
/// again and again: 25 samples are then one.
enum DrawnTexts {
    /// A warning when no prompt's samples differ, though they should; nil otherwise.
    static func warning(of continuations: [Continuation], _ settings: GenerationSettings) -> String? {
        guard settings.samples > 1, !settings.sampling.isGreedy, settings.sampling.topP > 0 else {
            return nil
        }
        var first: [String: String] = [:]
        for continuation in continuations {
            guard let text = first[continuation.promptID] else {
                first[continuation.promptID] = continuation.text
                continue
            }
            if !text.utf8.elementsEqual(continuation.text.utf8) { return nil }
        }
        guard !first.isEmpty else { return nil }
        return
            "The server gave one and the same text for all samples of each prompt: it does not draw. Switch sampling "
            + "on at the server, or in its way through the setting extra, or ask with --greedy."
    }
}
