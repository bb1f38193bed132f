import Foundation
import Testing
import TheriacFiles

@testable import TheriacRemote

@Suite struct CompletionAnswerTests {
    private func read(
        _ text: String, _ endpoint: RemoteSettings.Endpoint = .completions
    ) throws -> CompletionAnswer {
        try CompletionAnswer(
            try Data(text.utf8).withUnsafeBytes { try JSONScanner.value(in: $0) }, endpoint: endpoint)
    }

    @Test func choicesComeInTheOrderOfTheirIndex() throws {
        let answer = try read(
            """
            {"choices": [{"index": 1, "text": "b", "finish_reason": "stop"},
                         {"index": 0, "text": "", "finish_reason": "length"}],
             "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}}
            """)
        #expect(answer.choices.map(\.text) == ["", "b"])
        #expect(answer.choices.map(\.finish) == [.length, .stop])
        #expect(answer.promptTokens == 3 && answer.newTokens == 5)
    }

    @Test(arguments: [
        "[]", "{}", #"{"choices": {}}"#, #"{"choices": []}"#, #"{"choices": [7]}"#, #"{"choices": [{}]}"#,
        #"{"choices": [{"text": null}]}"#, #"{"choices": [{"text": 7}]}"#,
        #"{"choices": [{"index": 0, "text": "a"}, {"index": 0, "text": "b"}]}"#,
        #"{"choices": [{"text": "a", "finish_reason": "abort"}]}"#,
        #"{"choices": [{"text": "a", "logprobs": {"tokens": ["a"], "token_logprobs": []}}]}"#,
        #"{"choices": [{"text": "a", "logprobs": {"tokens": ["a"], "token_logprobs": [0.5]}}]}"#,
        #"{"choices": [{"text": "a", "logprobs": {"tokens": [1], "token_logprobs": [-1]}}]}"#,
        #"{"choices": [{"message": {"content": "a"}}]}"#,
    ])
    func whatIsMissingIsAFailureAndNoEmptyText(_ text: String) throws {
        #expect(throws: RemoteFailure.self) { try read(text) }
    }

    @Test func aWithheldTextIsMarked() throws {
        let answer = try read(#"{"choices": [{"text": null, "finish_reason": "content_filter"}]}"#)
        #expect(answer.choices.map(\.finish) == [.withheld])
    }

    @Test func chatsAreReadFromTheirMessages() throws {
        let answer = try read(
            """
            {"choices": [{"index": 0, "message": {"role": "assistant", "content": "a"}, "finish_reason": "stop",
              "logprobs": {"content": [{"token": "a", "bytes": [97], "logprob": -0.5, "top_logprobs": []}]}}]}
            """, .chat)
        #expect(answer.choices.first?.text == "a")
        #expect(
            answer.choices.first?.logProbabilities == .init(tokens: ["a"], values: [-0.5], offsets: nil))
        #expect(throws: RemoteFailure.self) {
            try read(#"{"choices": [{"message": {"content": null}}]}"#, .chat)
        }
    }
}
