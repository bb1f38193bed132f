import Foundation
import Testing
import TheriacCorpora
import TheriacTesting

@Suite struct TextFileTests {
    static func read(
        _ content: String, as name: String, format: TextFormat? = nil, column: String? = nil
    ) throws -> Reading<TextRecord> {
        let folder = try TemporaryFolder()
        return try TextFile.read(path: folder.write(content, to: name).path, format: format, column: column)
    }

    @Test func readsJSONLines() throws {
        let reading = try Self.read(
            """
            {"text":"one"}
            {"text":"two","id":"b","other":{"text":[1]}}
            {"id":7,"text":""}
            {"id":1.5,"text":"é"}
            {"id":null,"text":"five"}

            """, as: "a.jsonl")
        #expect(
            reading
                == Reading(elements: [
                    TextRecord(id: "0", text: "one"), TextRecord(id: "b", text: "two"),
                    TextRecord(id: "7", text: ""),
                    TextRecord(id: "1.5", text: "é"), TextRecord(id: "4", text: "five"),
                ]))
    }

    @Test func reportsBadJSONLinesAndGoesOn() throws {
        let reading = try Self.read(
            """
            {"text":"one"}
            {"text":"tw
            {"id":"x"}
            {"text":3}
            [1]

            {"text":"six","id":[]}
            {"text":"a","text":"b"}
            {"text":"\\ud800"}
            {"text":"ten"}
            """, as: "a.jsonl")
        #expect(reading.elements == [TextRecord(id: "0", text: "one"), TextRecord(id: "9", text: "ten")])
        #expect(
            reading.problems.map(\.description) == [
                "Line 2: it is not valid JSON: it ends inside a string (byte 11).",
                "Line 3: there is no field 'text'.",
                "Line 4: the field 'text' is not a string.",
                "Line 5: it is not valid JSON: an object is expected (byte 0).",
                "Line 7: its 'id' is neither a string nor a number.",
                "Line 8: it is not valid JSON: the key 'text' appears twice (byte 19).",
                "Line 9: it is not valid JSON: a \\u escape is not a character (byte 9).",
            ])
    }

    @Test func reportsInvalidUTF8() throws {
        let folder = try TemporaryFolder()
        let lines: [UInt8] = Array("good\nb".utf8) + [0xFF, 0x0A] + Array("good too\n".utf8)
        let text = try TextFile.read(path: folder.write(Data(lines), to: "a.txt").path)
        #expect(text.elements.map(\.id) == ["0", "2"])
        #expect(text.problems == [LineProblem(line: 2, reason: "it is not UTF-8 (byte 1 of the line)")])
        let json = Array("{\"text\":\"".utf8) + [0xFF] + Array("\"}\n{\"text\":\"a\"}".utf8)
        let objects = try TextFile.read(path: folder.write(Data(json), to: "a.jsonl").path)
        #expect(objects.elements == [TextRecord(id: "1", text: "a")])
        #expect(
            objects.problems == [
                LineProblem(line: 1, reason: "it is not valid JSON: a string is not UTF-8 (byte 9)")
            ])
        let table = try TextFile.read(path: folder.write(Data("text\n".utf8) + [0xFF], to: "a.csv").path)
        #expect(table.problems == [LineProblem(line: 2, reason: "it is not UTF-8")])
    }

    @Test func readsPlainTextOneALine() throws {
        let reading = try Self.read("one\r\n\n{\"text\":1}\n", as: "a.txt")
        #expect(reading.elements.map(\.text) == ["one", "", "{\"text\":1}"])
        #expect(reading.elements.map(\.id) == ["0", "1", "2"])
    }

    @Test func readsCSV() throws {
        let reading = try Self.read(
            #"""
            id,comment,n
            a,plain,1
            b,"with, comma and ""quotes""",2
            c,"two
            lines",3

            ,5" tall,4
            d,,5
            """#.replacing("\n", with: "\r\n"), as: "a.csv", column: "comment")
        #expect(
            reading
                == Reading(elements: [
                    TextRecord(id: "a", text: "plain"),
                    TextRecord(id: "b", text: "with, comma and \"quotes\""),
                    TextRecord(id: "c", text: "two\nlines"), TextRecord(id: "3", text: "5\" tall"),
                    TextRecord(id: "d", text: ""),
                ]))
    }

    @Test func reportsBadCSVRowsAndGoesOn() throws {
        let reading = try Self.read(
            "text,n\na\n\"b\" x,2\nc,3\nd,4,5\n\"never closed,6\ne,7\n", as: "a.csv")
        #expect(reading.elements == [TextRecord(id: "2", text: "c")])
        #expect(
            reading.problems == [
                LineProblem(line: 2, reason: "it has 1 cells, the header 2"),
                LineProblem(line: 3, reason: "there is text behind a closing quote"),
                LineProblem(line: 5, reason: "it has 3 cells, the header 2"),
                LineProblem(
                    line: 6, reason: "a quoted cell that begins here is not closed before the end of the file"
                ),
            ])
    }

    @Test func readsTSVWithoutQuoting() throws {
        let reading = try Self.read("text\tid\n\"a, b\t1\n\t2\n", as: "a.tsv")
        #expect(
            reading
                == Reading(elements: [TextRecord(id: "1", text: "\"a, b"), TextRecord(id: "2", text: "")]))
    }

    @Test func namesTheColumnsThereAre() throws {
        let error = #expect(throws: CorporaError.self) { try Self.read("a,b\n1,2\n", as: "x.csv") }
        #expect(error?.description.hasSuffix("x.csv' has no column 'text'. Its columns: a, b.") == true)
        let empty = #expect(throws: CorporaError.self) { try Self.read("", as: "x.tsv") }
        #expect(
            empty?.description.hasSuffix(
                "x.tsv' is empty; a table needs a header line with the names of its columns.")
                == true)
    }

    @Test func aFormatGivenWinsOverTheName() throws {
        #expect(try Self.read("{\"text\":\"a\"}", as: "a.txt", format: .jsonl).elements[0].text == "a")
        #expect(try Self.read("{\"body\":\"a\"}", as: "a.jsonl", column: "body").elements[0].text == "a")
    }

    @Test func guessesByTheFirstLineWhenTheNameSaysNothing() throws {
        #expect(
            try Self.read(" {\"text\":\"a\"}\n{\"text\":\"b\"}", as: "texts").elements.map(\.text) == [
                "a", "b",
            ])
        #expect(try Self.read("a\nb", as: "texts").elements.map(\.text) == ["a", "b"])
        #expect(try Self.read("", as: "texts").elements.isEmpty)
    }

    static let names: [(String, TextFormat?)] = [
        ("a.jsonl", .jsonl), ("x/a.b.NDJSON", .jsonl), ("a.jsonl.gz", .jsonl), ("a.csv", .csv),
        ("a.tsv.gz", .tsv),
        ("a.txt", .text), ("a", nil), ("-", nil), ("a.parquet", nil), ("b.csv/a", nil),
    ]

    @Test(arguments: names)
    func knowsFormatsByName(name: String, format: TextFormat?) {
        #expect(TextFormat(fileName: name) == format)
    }
}
