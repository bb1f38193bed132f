import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@Suite struct CorpusFileTests {
    private static func documents(_ corpus: CorpusFile) throws -> [CorpusFile.Document] {
        var documents: [CorpusFile.Document] = []
        try corpus.forEachDocument { documents.append($0) }
        return documents
    }

    @Test func splitsAtBlankLines() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("\n\none\ntwo \n\n \t\nthree\r\n\r\n\n", to: "a.txt")
        #expect(
            try Self.documents(CorpusFile(path: file.path)) == [
                .init(index: 0, line: 3, text: "one\ntwo ", source: nil),
                .init(index: 1, line: 7, text: "three", source: nil),
            ])
        #expect(try Self.documents(CorpusFile(path: folder.write("\n \n", to: "b.txt").path)).isEmpty)
        #expect(
            try Self.documents(CorpusFile(path: folder.write("x", to: "c.txt").path)).map(\.text) == ["x"])
    }

    @Test func namesTheSources() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("one\n\ntwo\n", to: "a.txt").path
        let index = try folder.write("n\tsource\n1\tnews\n2\tforum\n", to: "a.tsv").path
        #expect(try Self.documents(CorpusFile(path: file, index: index)).map(\.source) == ["news", "forum"])
    }

    @Test(arguments: [("source\na\n", 1), ("source\na\nb\nc\n", 3)])
    func refusesAnIndexOfAnotherLength(index: String, sources: Int) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("one\n\ntwo\n", to: "a.txt").path
        let indexFile = try folder.write(index, to: "a.tsv").path
        let error = CorporaError.indexMismatch(corpus: file, documents: 2, index: indexFile, sources: sources)
        #expect(throws: error) { try Self.documents(CorpusFile(path: file, index: indexFile)) }
        #expect(
            error.description
                == "'\(file)' has 2 documents, but '\(indexFile)' names \(sources) sources. Do they belong together?"
        )
    }

    @Test func leavesOutAndReportsWhatIsNotUTF8() throws {
        let folder = try TemporaryFolder()
        let bytes = Array("one\n\ntwo\n".utf8) + [0xFF] + Array("\n\nthree\n".utf8)
        let index = try folder.write("source\na\nb\nc\n", to: "a.tsv").path
        let corpus = CorpusFile(path: try folder.write(Data(bytes), to: "a.txt").path, index: index)
        var sources: [String?] = []
        let problems = try corpus.forEachDocument { sources.append($0.source) }
        #expect(sources == ["a", "c"])
        #expect(problems == [LineProblem(line: 3, reason: "the document that begins here is not UTF-8")])
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.reason)"))
    func readsTheSharedCorpora() throws {
        let valid = CorpusFile(
            path: try #require(SharedData.file("data/text/lm-valid.txt")).path,
            index: try #require(SharedData.file("data/text/lm-valid.index.tsv")).path)
        let documents = try Self.documents(valid)
        #expect(documents.count == 3087)
        #expect(documents[1].source == "tweets-emoji")
        let brown = try #require(SharedData.file("data/text/brown.txt.gz"))
        #expect(try Self.documents(CorpusFile(path: brown.path)).count == 500)
    }
}
