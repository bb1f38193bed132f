/// What can stop a verb, beyond what the floors below report themselves.
public enum WorkbenchError: Error, Equatable, CustomStringConvertible {
    case noEndOfText(String)
    case unreadableLine(file: String, line: Int, reason: String)
    case unknownSource(String, file: String)
    case noAssets
    case missingAsset(String)
    case noSuch(kind: String, name: String, known: [String])
    case noPrompts(String)
    case judgeTookPart(judge: String, part: String)
    case otherRun(String)
    case nothingToDo
    case emptyCorpus(String)
    case noArms
    case unknownTraining(String, known: [String])
    case noTexts(String, known: [String])
    case noLabels(String, what: String)
    case sameFolder(String)

    public var description: String {
        switch self {
        case .noEndOfText(let place):
            "\(place) has no end-of-text token: documents could not be told apart. Name it in tokenizer_config.json "
                + "(eos_token)."
        case .unreadableLine(let file, let line, let reason):
            "\(file), line \(line): \(reason)."
        case .unknownSource(let source, let file):
            "\(file) has no document of the source '\(source)'. Look at the index file for the names."
        case .noAssets:
            "The folder Assets (models, detectors, prompts) was not found. Run the program from its checkout, or set "
                + "THERIAC_ASSETS."
        case .missingAsset(let path):
            "The shipped file \(path) is missing. Is the checkout complete?"
        case .noSuch(let kind, let name, let known):
            "There is no folder '\(name)', and no shipped one of that name in \(kind). Shipped: "
                + (known.isEmpty ? "none" : known.joined(separator: ", ")) + "."
        case .noPrompts(let file):
            "\(file) holds no prompt. Write one JSON object a line: {\"prompt\": \"…\"}."
        case .judgeTookPart(let judge, let part):
            "The judge \(judge) took part in making what it would judge (\(part)). Choose another --judge, or pass "
                + "--allow-dependent-judge to have the results marked."
        case .otherRun(let folder):
            "\(folder) holds results of another run (other model, prompts, judge or settings). Choose another --output, "
                + "or remove it."
        case .nothingToDo:
            "Nothing to evaluate. Give --prompts, --corpus, or both."
        case .emptyCorpus(let file):
            "\(file) holds no text. Documents are separated by blank lines."
        case .noArms:
            "The recipe has no arms. Name at least one, for example: arms: [{name: base}]."
        case .unknownTraining(let name, let known):
            "An arm wants the training '\(name)', which the recipe does not describe. Described: "
                + (known.isEmpty ? "none" : known.joined(separator: ", ")) + "."
        case .noTexts(let source, let known):
            known.isEmpty
                ? "\(source) holds no text of the wanted part."
                : "There is no file '\(source)', and no data set of that name. Known sets: "
                    + known.joined(separator: ", ") + "."
        case .sameFolder(let folder):
            "\(folder) is the folder of the detector itself. Choose another --output."
        case .noLabels(let source, let what):
            "\(source) has no text with \(what). Labels are numbers in 0...1 in a field 'labels' or in fields of "
                + "their own, by the names of attributes."
        }
    }
}
