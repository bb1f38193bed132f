internal import TheriacEvaluation

/// What a visitor sees who may not see the page.
enum OperatorSignIn {
    /// - Parameter hasKey: whether there is any key that opens the page.
    static func page(hasKey: Bool, wasRefused: Bool = false) -> Markup {
        let refusal: Markup =
            wasRefused ? "<p class=\"refusal\" role=\"alert\">This key does not open the page.</p>" : .empty
        let help: Markup =
            hasKey
            ? .empty
            : """
            <p class="note">There is no operator's key yet. On the server, <code>theriac keys create NAME --operator \
            --store FILE</code> makes one.</p>
            """
        return OperatorPage.document(
            title: "Theriac: sign in",
            body: """
                <main id="main" class="narrow"><p class="mark">Theriac</p><h1>Operator's page</h1>
                <form method="post" action="/operator/sign-in" class="sign-in"><label for="key">Operator's key</label>
                <input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
                \(refusal)<button type="submit">Sign in</button></form>\(help)</main>
                """)
    }
}

/// Short answers to forms that cannot be followed.
enum OperatorNotice {
    static let notFromHere = page(
        "This form did not come from a page that is still open", "Go back to the page and try again.")
    static let unreadable = page("The form cannot be read", "Go back to the page and try again.")
    static let gone = page("That is no longer there", "Somebody deleted it in the meantime.")

    private static func page(_ title: String, _ words: String) -> Markup {
        OperatorPage.document(
            title: "Theriac",
            body: """
                <main id="main" class="narrow"><p class="mark">Theriac</p><h1>\(title)</h1><p>\(words)</p>
                <p><a href="/">To the operator's page</a></p></main>
                """)
    }
}
