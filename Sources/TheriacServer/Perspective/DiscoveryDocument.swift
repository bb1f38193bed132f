/// The description of the Perspective interface that generic clients build themselves from.
enum DiscoveryDocument {
    /// - Parameter base: scheme and host under which the client reaches this server, without a slash at the end.
    static func json(base: String) -> String { template.replacing("@BASE@", with: base) }

    // No authorisation scopes: with them, a client without a key would ask for Google's default credentials.
    private static let template = #"""
        {
          "kind": "discovery#restDescription",
          "discoveryVersion": "v1",
          "id": "commentanalyzer:v1alpha1",
          "name": "commentanalyzer",
          "version": "v1alpha1",
          "revision": "20260101",
          "title": "Theriac comment scoring (Perspective-compatible)",
          "description": "Scores text and accepts score corrections.",
          "protocol": "rest",
          "rootUrl": "@BASE@/",
          "servicePath": "",
          "baseUrl": "@BASE@/",
          "basePath": "",
          "batchPath": "batch",
          "version_module": true,
          "parameters": {
            "key":         {"type": "string",  "location": "query"},
            "alt":         {"type": "string",  "location": "query", "default": "json", "enum": ["json"]},
            "fields":      {"type": "string",  "location": "query"},
            "prettyPrint": {"type": "boolean", "location": "query", "default": "true"},
            "quotaUser":   {"type": "string",  "location": "query"},
            "callback":    {"type": "string",  "location": "query"},
            "access_token": {"type": "string", "location": "query"},
            "oauth_token": {"type": "string",  "location": "query"},
            "uploadType":  {"type": "string",  "location": "query"},
            "upload_protocol": {"type": "string", "location": "query"},
            "$.xgafv":     {"type": "string",  "location": "query", "enum": ["1", "2"]}
          },
          "resources": {
            "comments": {
              "methods": {
                "analyze": {
                  "id": "commentanalyzer.comments.analyze",
                  "path": "v1alpha1/comments:analyze",
                  "flatPath": "v1alpha1/comments:analyze",
                  "httpMethod": "POST",
                  "parameterOrder": [],
                  "parameters": {},
                  "request":  {"$ref": "AnalyzeCommentRequest"},
                  "response": {"$ref": "AnalyzeCommentResponse"}
                },
                "suggestscore": {
                  "id": "commentanalyzer.comments.suggestscore",
                  "path": "v1alpha1/comments:suggestscore",
                  "flatPath": "v1alpha1/comments:suggestscore",
                  "httpMethod": "POST",
                  "parameterOrder": [],
                  "parameters": {},
                  "request":  {"$ref": "SuggestCommentScoreRequest"},
                  "response": {"$ref": "SuggestCommentScoreResponse"}
                }
              }
            }
          },
          "schemas": {
            "TextEntry": {"id": "TextEntry", "type": "object", "properties": {
              "text": {"type": "string"},
              "type": {"type": "string", "enum": ["TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"]}}},
            "ArticleAndParentComment": {"id": "ArticleAndParentComment", "type": "object", "properties": {
              "article": {"$ref": "TextEntry"},
              "parentComment": {"$ref": "TextEntry"}}},
            "Context": {"id": "Context", "type": "object", "properties": {
              "entries": {"type": "array", "items": {"$ref": "TextEntry"}},
              "articleAndParentComment": {"$ref": "ArticleAndParentComment"}}},
            "AttributeParameters": {"id": "AttributeParameters", "type": "object", "properties": {
              "scoreType": {"type": "string", "enum": ["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"]},
              "scoreThreshold": {"type": "number", "format": "float"}}},
            "Score": {"id": "Score", "type": "object", "properties": {
              "value": {"type": "number", "format": "float"},
              "type": {"type": "string", "enum": ["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"]}}},
            "SpanScore": {"id": "SpanScore", "type": "object", "properties": {
              "begin": {"type": "integer", "format": "int32"},
              "end": {"type": "integer", "format": "int32"},
              "score": {"$ref": "Score"}}},
            "AttributeScores": {"id": "AttributeScores", "type": "object", "properties": {
              "summaryScore": {"$ref": "Score"},
              "spanScores": {"type": "array", "items": {"$ref": "SpanScore"}}}},
            "AnalyzeCommentRequest": {"id": "AnalyzeCommentRequest", "type": "object", "properties": {
              "comment": {"$ref": "TextEntry"},
              "context": {"$ref": "Context"},
              "requestedAttributes": {"type": "object", "additionalProperties": {"$ref": "AttributeParameters"}},
              "languages": {"type": "array", "items": {"type": "string"}},
              "spanAnnotations": {"type": "boolean"},
              "doNotStore": {"type": "boolean"},
              "dropUnsupportedAttributes": {"type": "boolean"},
              "clientToken": {"type": "string"},
              "sessionId": {"type": "string"},
              "communityId": {"type": "string"}}},
            "AnalyzeCommentResponse": {"id": "AnalyzeCommentResponse", "type": "object", "properties": {
              "attributeScores": {"type": "object", "additionalProperties": {"$ref": "AttributeScores"}},
              "languages": {"type": "array", "items": {"type": "string"}},
              "detectedLanguages": {"type": "array", "items": {"type": "string"}},
              "clientToken": {"type": "string"}}},
            "SuggestCommentScoreRequest": {"id": "SuggestCommentScoreRequest", "type": "object", "properties": {
              "comment": {"$ref": "TextEntry"},
              "context": {"$ref": "Context"},
              "attributeScores": {"type": "object", "additionalProperties": {"$ref": "AttributeScores"}},
              "languages": {"type": "array", "items": {"type": "string"}},
              "clientToken": {"type": "string"},
              "sessionId": {"type": "string"},
              "communityId": {"type": "string"}}},
            "SuggestCommentScoreResponse": {"id": "SuggestCommentScoreResponse", "type": "object", "properties": {
              "clientToken": {"type": "string"},
              "detectedLanguages": {"type": "array", "items": {"type": "string"}},
              "requestedLanguages": {"type": "array", "items": {"type": "string"}}}}
          }
        }

        """#
}
